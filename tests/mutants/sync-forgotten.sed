# What is to outlive a power loss is not written out.
# file: src/core/files.cpp
# caught by: a file that is to outlive the boot is written out before it has its name, and its name after that
s/ || fsync(fd.get()) != 0)/)/
