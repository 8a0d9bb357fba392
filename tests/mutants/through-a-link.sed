# What stands in the place of a temporary file is written through.
# file: src/core/files.cpp
# caught by: nothing is written through what somebody has put in its place
s/ | O_EXCL | O_NOFOLLOW | O_CLOEXEC;/ | O_CLOEXEC;/
