# A file of another user goes into a release.
# file: src/twinctl/upload.cpp
# caught by: what could serve another user, or show his files, does not come into a release
s/if (info.st_uid != info_.st_uid) {/if (false) {/
