# A set-user-ID file goes into a release.
# file: src/twinctl/upload.cpp
# caught by: what could serve another user, or show his files, does not come into a release
s/(info.st_mode \& (S_ISUID | S_ISGID)) != 0 \&\&/false \&\&/
