# A program of that name is a supervisor, whoever runs it.
# file: src/core/guard.cpp
# caught by: a supervisor is root's: whoever may choose his program's name is none
s/ == 0 && info.st_uid == 0;/ == 0;/
