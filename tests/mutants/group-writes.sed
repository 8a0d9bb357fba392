# What a group can write is believed.
# file: src/core/trust.cpp
# caught by: owners and groups are told apart
s/if ((info.st_mode \& S_IWGRP) != 0 \&\&/if (false \&\&/
