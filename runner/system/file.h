/* Whole files, read and written at once; and first lines. */
#ifndef PUSHPULL_FILE_H
#define PUSHPULL_FILE_H

#include <stddef.h>

/* The text of a file, or NULL after a line on stderr. The caller frees it. */
char *file_read(const char *path);

/* The first line of a file, blanks made single, or NULL: what /proc and /sys have to say. The caller frees it. */
char *file_first_line(const char *path);

/* Writes a file by way of a temporary one beside it, so that nobody ever sees half of it. Returns
 * 0, or -1 after a line on stderr. */
int file_write(const char *path, const char *bytes, size_t length);

#endif
