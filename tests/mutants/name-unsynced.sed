# The new name of a release is not written out.
# file: src/twinctl/release_store.cpp
# caught by: a release is on the disk before it has its name, and its name before a slot leads to it
s/ || fsync(fd.get()) != 0)/)/
