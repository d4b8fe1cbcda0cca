/* Directories: making them, and finding where this program and its files are. */
#ifndef PUSHPULL_DIRECTORY_H
#define PUSHPULL_DIRECTORY_H

/* Creates a directory and all above it. Returns 0 (also when it was there) or an errno. */
int directory_create(const char *path);
/* Creates the directory that the file `path` is to lie in. */
int directory_create_for(const char *path);
/* The directory of the running program, symbolic links resolved. The caller frees it. */
char *directory_of_program(void);

#endif
