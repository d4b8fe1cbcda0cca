/* Directories: making them, and finding where this program and its files are. */
#ifndef PUSHPULL_DIRECTORY_H
#define PUSHPULL_DIRECTORY_H

/* Creates a directory and all above it. Returns 0 (also when it was there) or an errno. */
int directory_create(const char *path);
/* Creates the directory that the file `path` is to lie in. */
int directory_create_for(const char *path);
/* The directory of the running program, symbolic links resolved. The caller frees it. */
char *directory_of_program(void);
/* Where something that belongs to pushpull may be, by its name in the sources ("scenarios"): place 0 is where we
 * are, 1 and 2 are where the program is, in its sources or installed. NULL beyond. The caller frees it. */
char *project_place(int which, const char *program_directory, const char *name);
/* A file that belongs to pushpull, by its name in the sources ("links/paths.ini"), at the first place
 * where it is; NULL when it is at none. The caller frees it. */
char *project_file(const char *name);

#endif
