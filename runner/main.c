/* pushpull: the runner. `pushpull COMMAND ...` runs a row of the table of commands (commands.h); this file finds
 * it, and says what there is. */
#include "base/log.h"
#include "base/memory.h"
#include "base/options.h"
#include "commands.h"
#include "scenario/settings.h"
#include "store/environment.h"
#include "system/arguments.h"
#include "system/directory.h"
#include "system/hint.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <uv.h>

#define USAGE_WIDTH 26 /* of "check SCENARIO|EXPERIMENT": what is longer has a line of its own */

static void print_help(FILE *out) {
    fprintf(out,
            "pushpull: ways to get an event from a server to a client, measured side by side\n\n"
            "Usage:\n");
    for (int i = 0; i < command_count; i++) {
        char *usage = xasprintf("%s %s", commands[i].name, commands[i].operands);
        bool fits = strlen(usage) <= USAGE_WIDTH;
        fprintf(out, "  pushpull %-*s%s%*s%s\n", fits ? USAGE_WIDTH + 2 : 0, usage,
                fits ? "" : "\n", fits ? 0 : USAGE_WIDTH + 13, "", commands[i].summary);
        free(usage);
    }
    fprintf(out,
            "\n`pushpull help COMMAND` lists a command's options; `pushpull --version` says which\n"
            "pushpull this is.\n");
}

/* The revision of the source tree that it lies in, and what it stands on. */
static void print_version(void) {
    char *own = directory_of_program(), *revision = environment_revision(own);
    printf("pushpull %s (libuv %s, SQLite %s)\n", revision, uv_version_string(),
           sqlite3_libversion());
    free(revision);
    free(own);
}

static const struct command *find_command(const char *name) {
    const char **names = xcalloc((size_t)command_count, sizeof(*names));
    const struct command *found = NULL;
    for (int i = 0; i < command_count; i++) {
        names[i] = commands[i].name;
        if (strcmp(names[i], name) == 0) found = &commands[i];
    }
    const char *near = options_nearest(name, names, command_count);
    free(names);
    if (found == NULL && near != NULL)
        die(EXIT_USAGE, "there is no command %s: did you mean %s?", name, near);
    if (found == NULL)
        die(EXIT_USAGE, "there is no command %s: `%s` lists them", name, hint("--help", NULL));
    return found;
}

static void check_operands(const struct command *command, const struct arguments *arguments) {
    if (arguments->operand_count > command->operands_max)
        die(EXIT_USAGE, "\"%s\" is one word too many: pushpull %s %s",
            arguments->operands[command->operands_max], command->name, command->operands);
    if (arguments->operand_count < command->operands_min)
        die(EXIT_USAGE, "which one? pushpull %s %s", command->name, command->operands);
}

static bool asks_for_help(int argc, char **argv) {
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) return true;
    return false;
}

static int dispatch(const char *program_name, const struct command *command, int argc,
                    char **argv) {
    struct arguments arguments;
    struct config config = {.results = RESULTS, .from = -1, .to = -1}; /* where nothing is said */
    /* --help shows the operands; the lines about mistakes begin with the command alone. */
    const char *operands = asks_for_help(argc, argv) ? command->operands : "";
    char *program =
        xasprintf("pushpull %s%s%s", command->name, *operands == '\0' ? "" : " ", operands);
    struct option_set set = {program, command->summary, {{NULL}}};
    int tables = 0;
    if (command->options != NULL)
        set.tables[tables++] = (struct option_table){command->options, &config};
    if (!command->without_database)
        set.tables[tables++] = (struct option_table){database_options, &config};
    arguments_parse(&arguments, &set, argc, argv);
    log_open("pushpull");
    check_operands(command, &arguments);
    hint_place(program_name, strcmp(config.results, RESULTS) != 0 ? config.results : NULL,
               config.database);
    char *beside = xasprintf("%s/pushpull.sqlite", config.results);
    if (config.database == NULL) config.database = beside;
    int status = command->run(&config, &arguments);
    arguments_free(&arguments);
    free(beside);
    free(program);
    return status;
}

/* A closed stdout, say, would be the next file that is opened: the output would go into the database. */
static void hold_standard_files(void) {
    for (int fd = open("/dev/null", O_RDONLY | O_CLOEXEC); fd >= 0; fd = dup(fd))
        if (fd > 2) {
            close(fd);
            return;
        }
}

int main(int argc, char **argv) {
    hold_standard_files();
    environment_clean();
    log_open("pushpull");
    if (argc > 0) hint_place(argv[0], NULL, NULL);
    log_all();
    bool asked = argc > 1 && strcmp(argv[1], "help") == 0;
    bool help = asked || (argc > 1 && asks_for_help(2, argv));
    bool version = argc > 1 && strcmp(argv[1], "--version") == 0;
    int status = help || version ? 0 : EXIT_USAGE;
    if (asked && argc > 2)
        status = dispatch(argv[0], find_command(argv[2]), 2, (char *[]){argv[2], "--help", NULL});
    else if (argc < 2 || help)
        print_help(help ? stdout : stderr);
    else if (version)
        print_version();
    else
        status = dispatch(argv[0], find_command(argv[1]), argc - 1, argv + 1);
    log_end_output(1);
    return status;
}
