/* The commands: what each may be told on its command line, and whom it asks to do the work. */
#include "commands.h"

#include "base/log.h"
#include "base/memory.h"
#include "calibrate.h"
#include "chart/draw.h"
#include "compare/compare.h"
#include "compare/gate.h"
#include "compare/trend.h"
#include "compare/verdict.h"
#include "diagram/diagram.h"
#include "doctor/doctor.h"
#include "labs.h"
#include "live/live.h"
#include "page/page.h"
#include "report/export.h"
#include "report/metric_list.h"
#include "report/show.h"
#include "report/show_trial.h"
#include "run.h"
#include "scenario/strategies.h"
#include "store/open.h"
#include "store/sql.h"
#include "store/store.h"
#include "system/directory.h"
#include "system/hint.h"
#include "validate/validate.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PAIRS_DEFAULT "30" /* find a median that is 10 % higher nearly always: docs/ci.md */

/* --- options ---------------------------------------------------------------------------------- */

#define AT(field) offsetof(struct config, field)

/* Rows that several commands have. */
#define BIN                                                                                        \
    "bin", OPTION_TEXT, AT(programs), NULL,                                                        \
        .help = "directory of the servers and clients; by default this program's own",             \
        .form = "path"
#define LABEL                                                                                      \
    "label", OPTION_TEXT, AT(label), "",                                                           \
        .help = "a word about this run, shown by list, show and the report", .form = "label"
#define ONLY                                                                                       \
    "only", OPTION_TEXT, AT(only), NULL, .help = "the strategies to run, separated by commas"
#define SET                                                                                        \
    "set", OPTION_TEXT, AT(set), NULL,                                                             \
        .help = "KEY=VALUE: another value than the scenario's, as for run"

const struct option database_options[] = {
    {"database", OPTION_TEXT, AT(database), NULL,
     .help = "where experiments are stored; by default pushpull.sqlite in --results",
     .form = "path"},
    {"results", OPTION_TEXT, AT(results), RESULTS,
     .help = "directory of the database, logs and reports", .form = "path"},
    {.name = NULL},
};

static const struct option run_options[] = {
    {"set", OPTION_TEXT, AT(set), NULL,
     .help = "KEY=VALUE: another value than the scenario's, or several, separated by commas; may "
             "be given many times"},
    {ONLY},
    {"mode", OPTION_CHOICE, AT(mode), "live", .choices = "live|simulated|both",
     .help = "live: real programs on this machine; simulated: models of them in virtual time; "
             "both: each trial live and then simulated, to see what the models are worth"},
    {"trace", OPTION_FLAG, AT(trace), NULL,
     .help = "with --mode simulated: tell first what happens to one user of each strategy"},
    {"dry_run", OPTION_FLAG, AT(dry_run), NULL,
     .help = "print what would be run and how long it would take"},
    {"resume", OPTION_FLAG, AT(resume), NULL,
     .help = "go on with the newest unfinished experiment of this scenario"},
    {LABEL},
    {"strict", OPTION_FLAG, AT(strict), NULL,
     .help = "exit with 4 when a prediction of the scenario, in [expect], was refuted"},
    {"charts", OPTION_TEXT, AT(charts), "svg",
     .help = "write the report, with charts; its pictures also as files of these formats, of svg, "
             "png and pdf, separated by commas; off: no report"},
    {BIN},
    {"base", OPTION_TEXT, AT(base), NULL,
     .help = "directory of another build's servers and clients: run each cell with both, in pairs,"
             " and say whether these are worse; exit 0 no, 1 yes, 3 it cannot be said",
     .form = "path"},
    {"pairs", OPTION_INTEGER, AT(pairs), PAIRS_DEFAULT, GATE_COUNT_PAIRS, 1000,
     .help = "with --base: pairs of each cell; what looks worse gets more"},
    {"format", OPTION_TEXT, AT(format), "text",
     .help = "with --base: forms of the verdict, of " VERDICT_FORMATS
             ", separated by commas; FORM=FILE: into that file"},
    {.name = NULL},
};

static const struct option check_options[] = {
    {"expect", OPTION_TEXT, AT(expect), NULL,
     .help =
         "'EXPRESSION < EXPRESSION': what else is expected, as in a scenario's [expect]; may be "
         "given many times"},
    {SET},
    {ONLY},
    {LABEL},
    {BIN},
    {.name = NULL},
};

static const struct option compare_options[] = {
    {"format", OPTION_TEXT, AT(format), "text",
     .help = "of a paired run: forms of the verdict, of " VERDICT_FORMATS
             ", separated by commas; FORM=FILE: into that file"},
    {"all", OPTION_FLAG, AT(all), NULL, .help = "of two: print also the figures that are the same"},
    {.name = NULL},
};

static const struct option trend_options[] = {
    {"scenario", OPTION_TEXT, AT(scenario), NULL,
     .help = "whose experiments; by default those of the newest one's"},
    {"charts", OPTION_TEXT, AT(charts), "svg",
     .help = "formats of the chart, of svg, png and pdf, separated by commas; off: none"},
    {.name = NULL},
};

static const struct option show_options[] = {
    {"trial", OPTION_INTEGER, AT(trial), "0", 0, 9e15,
     .help = "show one trial, by its id: its command lines and all its figures"},
    {.name = NULL},
};

static const struct option report_options[] = {
    {"charts", OPTION_TEXT, AT(charts), "svg",
     .help = "formats of the pictures beside the report: of svg, png and pdf, separated by commas"},
    {.name = NULL},
};

static const struct option export_options[] = {
    {"format", OPTION_CHOICE, AT(format), "wide", .choices = "wide|long|json",
     .help = "wide: CSV, a row per cell; long: CSV, a row per trial and metric; json: the whole, "
             "with histograms and series"},
    {.name = NULL},
};

static const struct option metrics_options[] = {
    {"format", OPTION_CHOICE, AT(format), "text", .choices = "text|markdown", .help = "the format"},
    {"group", OPTION_CHOICE, AT(group), "all", .choices = METRIC_LIST_GROUPS,
     .help = "print those of one group"},
    {.name = NULL},
};

static const struct option live_options[] = {
    {SET},
    {ONLY},
    {"port", OPTION_INTEGER, AT(port), "8089", 0, 65535,
     .help = "of the page, on 127.0.0.1; 0: any free one"},
    {"experiment", OPTION_INTEGER, AT(experiment), "0", 0, 9e15,
     .help = "begin with what is stored of this one; 0: with what runs"},
    {"modelled", OPTION_FLAG, AT(modelled), NULL,
     .help = "show the models instead of the programs"},
    {BIN},
    {.name = NULL},
};

static const struct option diagram_options[] = {
    {SET},
    {"only", OPTION_TEXT, AT(only), NULL, .help = "the strategies to draw, separated by commas"},
    {"from", OPTION_NUMBER, AT(from), NULL, 0, 3600, .unit = "s",
     .help = "seconds since publishing began; by default when the window opens"},
    {"to", OPTION_NUMBER, AT(to), NULL, 0, 3600, .unit = "s",
     .help = "the same; by default two seconds later"},
    {"live", OPTION_FLAG, AT(live), NULL,
     .help = "run it on this machine and draw what happened; by default it is simulated"},
    {"output", OPTION_TEXT, AT(output), NULL, .help = "a file; by default it is printed",
     .form = "path"},
    {BIN},
    {.name = NULL},
};

static const struct option validate_options[] = {
    {"deviations", OPTION_TEXT, AT(deviations), NULL,
     .help = "a page with a table of the deviations that are known (docs/simulator.md)",
     .form = "path"},
    {"all", OPTION_FLAG, AT(all), NULL, .help = "print every figure, not only what is too far off"},
    {BIN},
    {.name = NULL},
};

static const struct option calibrate_options[] = {
    {"label", OPTION_TEXT, AT(label), "calibrate",
     .help = "a word about its runs, shown by list, show and the report", .form = "label"},
    {BIN},
    {.name = NULL},
};

static const struct option lab_options[] = {
    {"student", OPTION_TEXT, AT(student), NULL,
     .help = "of predict: your id or name; by default it is asked for"},
    {"answers", OPTION_TEXT, AT(answers), NULL,
     .help = "of predict and explain: a file of answers; by default they are asked for",
     .form = "path"},
    {"mode", OPTION_CHOICE, AT(lab_mode), NULL, .choices = "live|simulated|both",
     .help = "of run: on this machine, in virtual time, or both; by default as the lab says"},
    {"recorded", OPTION_FLAG, AT(recorded), NULL,
     .help = "of run: take the run that the lab brings along"},
    {"format", OPTION_CHOICE, AT(format), "text", .choices = "text|gradescope",
     .help = "of grade: for a terminal, or as Gradescope takes it"},
    {"all", OPTION_TEXT, AT(hand_ins), NULL,
     .help = "of grade: a directory with a folder per student; what a class has handed in",
     .form = "path"},
    {"csv", OPTION_TEXT, AT(csv), NULL,
     .help = "with --all: a file for the scores, with a chart of the predictions beside it",
     .form = "path"},
    {"results", OPTION_TEXT, AT(results), RESULTS,
     .help = "a lab's own folder is labs/NN-name in it", .form = "path"},
    {BIN},
    {.name = NULL},
};

static const struct option doctor_options[] = {
    {BIN},
    {.name = NULL},
};

static const struct option strategies_options[] = {
    {"no_floor", OPTION_FLAG, AT(no_floor), NULL,
     .help = "leave out the floor, which is no strategy but the limit they are compared with"},
    {.name = NULL},
};

/* --- commands --------------------------------------------------------------------------------- */

/* The experiment that the first operand names; 0, the newest, without one. */
static bool is_experiment(const char *text) {
    const struct option number = {.kind = OPTION_INTEGER, .minimum = 1, .maximum = 9e15};
    char *expected = option_expectation(&number, text);
    bool good = expected == NULL;
    free(expected);
    return good;
}

static int64_t experiment_number(const char *text) {
    if (!is_experiment(text))
        die(EXIT_USAGE, "\"%s\" is no experiment: `%s` has their numbers", text,
            hint("list", NULL));
    return strtoll(text, NULL, 10);
}

static int64_t experiment_of(const struct arguments *arguments) {
    if (arguments->operand_count == 0) return 0;
    return experiment_number(arguments->operands[0]);
}

/* Looking writes nothing. `otherwise` is the exit status when there is nothing to look at. */
static sqlite3 *open_or_exit(const struct config *config, int otherwise) {
    sqlite3 *db = store_open_to_read(config->database);
    if (db == NULL) exit(otherwise);
    return db;
}

static sqlite3 *open_existing(const struct config *config) { return open_or_exit(config, 1); }

/* A query that failed somewhere has been told; what was printed is then not the whole. */
static int closed(sqlite3 *db, int status) {
    bool whole = store_close(db) == 0 && sql_failures() == 0;
    return status == 0 && whole ? 0 : 1;
}

/* The formats that --charts asks for; `off` says what else it may be. */
static int chart_formats(const struct config *config, const char *off) {
    int formats = chart_formats_parse(config->charts);
    if (formats < 0 || (formats == 0 && *off == '\0'))
        die(EXIT_USAGE,
            "--charts is \"%s\", not %ssome of svg, png and pdf, separated by commas, e.g. svg,pdf",
            config->charts, off);
    return formats;
}

/* Where the servers and clients are: the caller's to free. */
static char *programs_of(const struct config *config) {
    return config->programs == NULL ? directory_of_program() : xstrdup(config->programs);
}

/* What all that run trials have in common; the caller frees .programs. */
static struct run_options run_options_of(const struct config *config,
                                         const struct arguments *arguments) {
    return (struct run_options){
        .scenario = arguments->operand_count > 0 ? arguments->operands[0] : NULL,
        .overrides = {arguments->sets, arguments->set_count, config->only},
        .database = config->database,
        .results = config->results,
        .programs = programs_of(config),
        .other_programs = config->programs != NULL,
        .charts = "off",
        .label = config->label,
    };
}

static enum mode mode_of(const struct config *config) {
    enum mode mode = MODE_LIVE;
    while (strcmp(mode_names[mode], config->mode) != 0) mode++;
    if (mode != MODE_LIVE && config->base != NULL)
        die(EXIT_USAGE,
            "--mode=%s is no run in pairs, in which every trial is live: leave out"
            " --mode or --base",
            config->mode);
    if (config->trace && mode != MODE_SIMULATED)
        die(EXIT_USAGE, "--trace tells of a simulated run (a live one is drawn: pushpull diagram"
                        " --live): add --mode simulated");
    return mode;
}

static int run_command(const struct config *config, const struct arguments *arguments) {
    struct run_options options = run_options_of(config, arguments);
    options.dry_run = config->dry_run;
    options.resume = config->resume;
    options.charts = config->charts;
    options.chart_formats = chart_formats(config, "off, or ");
    options.strict = config->strict;
    options.mode = mode_of(config);
    options.trace = config->trace;
    options.base = config->base;
    options.pairs = (int)config->pairs;
    options.formats = config->format;
    if (config->base == NULL &&
        (config->pairs != atoi(PAIRS_DEFAULT) || strcmp(config->format, "text") != 0))
        die(EXIT_USAGE, "--pairs and --format are of a run in pairs, which takes --base");
    if (config->base != NULL && config->strict)
        die(EXIT_USAGE, "--strict is about what a scenario expects, and --base about another build:"
                        " give one of them");
    if (!verdict_formats_good(config->format)) exit(EXIT_USAGE);
    if (options.resume && *options.label != '\0')
        die(EXIT_USAGE, "an experiment that is resumed keeps the label that it was begun with:"
                        " leave out --label");
    int status = run_experiment(&options);
    free((char *)options.programs);
    if (config->base != NULL) log_end_output(EXIT_INCONCLUSIVE);
    return status;
}

/* Stored figures are held against what is expected as they are. */
static int check_stored(const struct config *config, const struct arguments *arguments) {
    struct expect_more more = {arguments->expects, arguments->expect_count};
    struct expect_result result;
    if (arguments->set_count > 0 || config->only != NULL)
        die(EXIT_USAGE, "--set and --only are for a scenario that is run: experiment %s is stored",
            arguments->operands[0]);
    sqlite3 *db = open_or_exit(config, EXIT_UNDECIDED);
    int64_t id = sql_experiment(db, experiment_of(arguments));
    int status = id == 0 ? 1 : expectations_evaluate(&result, db, id, &more);
    if (id != 0 && status == 0) {
        expectations_print(&result, stdout);
        status = expectations_status(&result);
        if (result.count == 0)
            log_error("experiment %" PRId64 " expects nothing: give --expect", id);
    } else if (status != EXIT_USAGE)
        status = EXIT_UNDECIDED;
    if (id != 0) expectations_free(&result);
    return store_close(db) == 0 && sql_failures() == 0 ? status : EXIT_UNDECIDED;
}

static int check_run(const struct config *config, const struct arguments *arguments) {
    struct run_options options = run_options_of(config, arguments);
    options.check = true;
    options.expects = (struct expect_more){arguments->expects, arguments->expect_count};
    int status = run_experiment(&options);
    free((char *)options.programs);
    return status;
}

static int check_command(const struct config *config, const struct arguments *arguments) {
    int status = is_experiment(arguments->operands[0]) ? check_stored(config, arguments)
                                                       : check_run(config, arguments);
    log_end_output(EXIT_UNDECIDED); /* a gate whose words are lost has said nothing */
    return status;
}

static int compare_command(const struct config *config, const struct arguments *arguments) {
    if (!verdict_formats_good(config->format)) return EXIT_USAGE;
    if (arguments->operand_count == 2) /* it decides nothing */
        return compare_experiments(config->database, arguments->operands[0], arguments->operands[1],
                                   config->all);
    int64_t id = experiment_of(arguments);
    sqlite3 *db = open_or_exit(config, EXIT_INCONCLUSIVE);
    id = sql_experiment(db, id);
    int status =
        id == 0 ? EXIT_INCONCLUSIVE : verdict_tell(db, id, config->results, config->format);
    if (store_close(db) != 0 || sql_failures() != 0) status = EXIT_INCONCLUSIVE;
    log_end_output(EXIT_INCONCLUSIVE);
    return status;
}

static int trend_command(const struct config *config, const struct arguments *arguments) {
    int formats = chart_formats(config, "off, or ");
    sqlite3 *db = open_existing(config);
    return closed(
        db, trend_tell(db, arguments->operands[0], config->scenario, config->results, formats));
}

static int list_command(const struct config *config, const struct arguments *arguments) {
    (void)arguments;
    sqlite3 *db = open_existing(config);
    return closed(db, show_list(db));
}

static int show_command(const struct config *config, const struct arguments *arguments) {
    int64_t id = experiment_of(arguments);
    sqlite3 *db = open_existing(config);
    return closed(db,
                  config->trial > 0 ? show_trial(db, id, config->trial) : show_experiment(db, id));
}

static int report_command(const struct config *config, const struct arguments *arguments) {
    int64_t id = experiment_of(arguments);
    int formats = chart_formats(config, "");
    sqlite3 *db = open_existing(config);
    return closed(db, page_write(db, id, config->results, formats));
}

static int export_command(const struct config *config, const struct arguments *arguments) {
    int64_t id = experiment_of(arguments);
    sqlite3 *db = open_existing(config);
    return closed(db, export_experiment(db, id, config->format, stdout));
}

static int diagram_command(const struct config *config, const struct arguments *arguments) {
    char *programs = programs_of(config);
    struct diagram_options options = {
        .scenario = arguments->operands[0],
        .overrides = {arguments->sets, arguments->set_count, config->only},
        .programs = programs,
        .from_seconds = config->from,
        .to_seconds = config->to,
        .live = config->live,
        .output = config->output,
    };
    int status = diagram_draw(&options);
    free(programs);
    return status;
}

static int live_command(const struct config *config, const struct arguments *arguments) {
    char *programs = programs_of(config);
    struct live_options options = {
        .scenario = arguments->operand_count > 0 ? arguments->operands[0] : "live",
        .overrides = {arguments->sets, arguments->set_count, config->only},
        .programs = programs,
        .database = config->database,
        .experiment = config->experiment,
        .port = config->port,
        .modelled = config->modelled,
    };
    int status = live_serve(&options);
    free(programs);
    return status;
}

static int calibrate_command(const struct config *config, const struct arguments *arguments) {
    struct run_options options = run_options_of(config, arguments);
    int status = calibrate(&options);
    free((char *)options.programs);
    return status;
}

static int validate_command(const struct config *config, const struct arguments *arguments) {
    char *programs = programs_of(config);
    struct validate_options options = {
        .programs = programs,
        .deviations = config->deviations == NULL ? "" : config->deviations,
        .all = config->all,
    };
    int count = arguments->operand_count;
    int64_t *ids = xcalloc((size_t)count + 1, sizeof(*ids));
    for (int i = 0; i < count; i++) ids[i] = experiment_number(arguments->operands[i]);
    sqlite3 *db = open_existing(config);
    int status = 0;
    for (int i = 0; i < count || i == 0; i++)
        if ((ids[i] = sql_experiment(db, ids[i])) == 0) status = 1;
    if (status == 0) status = validate_experiments(db, ids, count > 0 ? count : 1, &options);
    free(ids);
    free(programs);
    return closed(db, status);
}

static int lab_command(const struct config *config, const struct arguments *arguments) {
    int count = arguments->operand_count;
    char *programs = programs_of(config);
    struct lab_options options = {
        .lab = count > 0 ? arguments->operands[0] : NULL,
        .step = count > 1 ? arguments->operands[1] : NULL,
        .folders = count > 2 ? arguments->operands + 2 : NULL,
        .folder_count = count > 2 ? count - 2 : 0,
        .results = config->results,
        .programs = programs,
        .other_programs = config->programs != NULL,
        .student = config->student,
        .answers = config->answers,
        .mode = config->lab_mode,
        .recorded = config->recorded,
        .format = config->format,
        .all = config->hand_ins,
        .csv = config->csv,
    };
    int status = labs_take(&options);
    free(programs);
    return status;
}

static int metrics_command(const struct config *config, const struct arguments *arguments) {
    bool markdown = strcmp(config->format, "markdown") == 0;
    (void)arguments;
    const char *group = strcmp(config->group, "all") == 0 ? NULL : config->group;
    if (markdown)
        metric_list_print_markdown(stdout, group);
    else
        metric_list_print(stdout, group);
    return 0;
}

static int doctor_command(const struct config *config, const struct arguments *arguments) {
    char *programs = programs_of(config);
    struct patient patient = {"", programs, config->results, config->database};
    (void)arguments;
    int status = doctor_examine(&patient, stdout);
    free(programs);
    return status;
}

/* Keys alone, one per line: scripts and tests read them here instead of keeping lists. */
static int strategies_command(const struct config *config, const struct arguments *arguments) {
    (void)arguments;
    for (const struct strategy *s = strategies; s->key != NULL; s++)
        if (!s->floor || !config->no_floor) printf("%s\n", s->key);
    return 0;
}

const struct command commands[] = {
    {"run", "SCENARIO", "Runs a scenario: a name in scenarios/, or a file", 1, 1, run_options,
     run_command},
    {"check", "SCENARIO|EXPERIMENT",
     "Says whether what is expected came true: exit 0 yes, 1 no, 3 undecided", 1, 1, check_options,
     check_command},
    {"compare", "EXPERIMENT [EXPERIMENT]",
     "Tells the verdict of a paired run, or lays two (also FILE#EXPERIMENT) side by side", 1, 2,
     compare_options, compare_command},
    {"trend", "METRIC", "Shows a metric over the experiments of a scenario, and where it changed",
     1, 1, trend_options, trend_command},
    {"list", "", "Lists the experiments that are stored", 0, 0, NULL, list_command},
    {"show", "[EXPERIMENT]", "Shows an experiment, or the newest, and its trials", 0, 1,
     show_options, show_command},
    {"report", "[EXPERIMENT]", "Draws charts and writes the report of an experiment, or the newest",
     0, 1, report_options, report_command},
    {"export", "[EXPERIMENT]", "Prints the figures of an experiment, or the newest, as CSV or JSON",
     0, 1, export_options, export_command},
    {"diagram", "SCENARIO",
     "Draws what goes between a server and a user, in a simulated run or a live one", 1, 1,
     diagram_options, diagram_command, .without_database = true},
    {"live", "[SCENARIO]",
     "Shows all strategies at work at the same time, on a page in the browser", 0, 1, live_options,
     live_command},
    {"calibrate", "", "Measures what this machine takes for a piece of work, for simulated trials",
     0, 0, calibrate_options, calibrate_command},
    {"validate", "[EXPERIMENT ...]",
     "Simulates stored trials once more, and says how far that is from what was measured", 0, 100,
     validate_options, validate_command},
    {"lab", "[LAB [STEP [FOLDER]]]",
     "Labs: predict, run, explain, grade. Alone: which there are, and what comes next", 0, 3,
     lab_options, lab_command, .without_database = true},
    {"doctor", "", "Says whether this machine has what a run takes, and what to change where not",
     0, 0, doctor_options, doctor_command},
    {"metrics", "", "Prints the metrics that a trial has, with their units and what they are", 0, 0,
     metrics_options, metrics_command, .without_database = true},
    {"strategies", "", "Prints the keys of the strategies, one per line", 0, 0, strategies_options,
     strategies_command, .without_database = true},
};
const int command_count = sizeof(commands) / sizeof(commands[0]);
