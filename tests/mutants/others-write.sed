# What everybody can write is believed.
# file: src/core/trust.cpp
# caught by: a file that others can write is not believed, nor is a link
s/if ((info.st_mode \& S_IWOTH) != 0) {/if (false) {/
