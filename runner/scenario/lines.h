/* The lines of one section of a scenario, as they stand in its text: what is stored with an experiment is read
 * so once more. */
#ifndef PUSHPULL_SCENARIO_LINES_H
#define PUSHPULL_SCENARIO_LINES_H

struct scenario_line {
    char *key, *value;
    int line; /* 1, 2, ... */
};

struct scenario_lines {
    struct scenario_line *lines;
    int count;
};

/* Reads the lines of [section] in a text that scenario_read has found to be good. Free them. */
void scenario_lines_read(struct scenario_lines *, const char *text, const char *section);
void scenario_lines_free(struct scenario_lines *);

#endif
