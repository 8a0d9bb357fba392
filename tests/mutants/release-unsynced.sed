# A release has its name before its content is on the disk.
# file: src/twinctl/release_store.cpp
# caught by: a release is on the disk before it has its name, and its name before a slot leads to it
s/ || syncfs(fd.get()) != 0)/)/
