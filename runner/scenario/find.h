/* Where scenarios are found. */
#ifndef PUSHPULL_FIND_H
#define PUSHPULL_FIND_H

/* Finds the file of a scenario: a path, or a name in scenarios/ (below the working directory,
 * beside the source tree of `program_directory`, or installed with it). Returns NULL after a line
 * on stderr that suggests the nearest name; the caller frees the path. */
char *scenario_find(const char *name, const char *program_directory);

#endif
