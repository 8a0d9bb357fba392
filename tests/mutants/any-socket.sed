# A socket is taken without a look whether it is the one that was meant.
# file: src/core/process.cpp
# caught by: what is taken is the socket that was meant, whatever has its number by then
s/ || info.st_ino != inode) {/) {/
