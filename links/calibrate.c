/* The calibration of a link: see calibrate.h. A child measures, for it has to stand in the
 * places of the link, and this process has to relay meanwhile. It says what it found over a
 * pipe; one that says nothing in time is ended. */
#include "calibrate.h"

#include "base/clock.h"
#include "base/list.h"
#include "base/memory.h"
#include "measure.h"
#include "model/conversation.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define CHILD_MS 15000 /* and some round trips: then the child should have ended */
#define ROUND_TRIPS 4  /* of one measuring of all figures, and one to spare */
#define GRACE_MS 1000  /* then it is ended; and if its parent cannot, it ends itself */

struct calibration {
    uv_pipe_t pipe;
    uv_timer_t timer;
    int open; /* handles */
    pid_t child;
    struct buffer words;
    char chunk[4096];
    int64_t limit_ms;
    void (*done)(void *data, json_t *list);
    void *data;
};

/* --- the child -------------------------------------------------------------------------------- */

/* Its parent's descriptors are not its own: a command pipe or a holder's lifeline that it kept
 * open would outlive whoever it belongs to. `keep` is sorted. */
static void close_all_but(const int *keep, int count) {
    unsigned first = 0;
    for (int i = 0; i < count; i++) {
        if ((unsigned)keep[i] > first) close_range(first, (unsigned)keep[i] - 1, 0);
        first = (unsigned)keep[i] + 1;
    }
    close_range(first, ~0u, 0);
}

static int by_number(const void *a, const void *b) { return *(const int *)a - *(const int *)b; }

static void become_child(pid_t parent, const struct namespaces *namespaces, int out,
                         int64_t limit_ms) {
    int keep[] = {STDERR_FILENO, out, namespaces->net_fd[0], namespaces->net_fd[1]};
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGALRM, SIGPIPE, SIGCHLD};
    sigset_t none;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(1);
    for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) signal(signals[i], SIG_DFL);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    alarm((unsigned)((limit_ms + 2 * GRACE_MS) / 1000));
    qsort(keep, sizeof(keep) / sizeof(keep[0]), sizeof(keep[0]), by_number);
    close_all_but(keep, sizeof(keep) / sizeof(keep[0]));
    prctl(PR_SET_TIMERSLACK, 1UL);
    prctl(PR_SET_NAME, "link_calibrate"); /* for people who look at processes */
}

static void write_all(int fd, const char *text) {
    size_t length = strlen(text);
    while (length > 0) {
        ssize_t written = write(fd, text, length);
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return;
        text += written;
        length -= (size_t)written;
    }
}

/* Nothing but the list goes over the pipe, or the reason why there is none. */
static void run_child(const struct namespaces *namespaces, const struct link_settings *asked,
                      uint64_t seed, int64_t limit_ms, int out) {
    int64_t until_ns = clock_now_ns() + limit_ms * NS_PER_MS;
    int error;
    json_t *list = measure_link(namespaces, asked, seed, until_ns, &error);
    if (list == NULL) list = json_string(uv_strerror(error));
    char *text = json_dumps(list, JSON_COMPACT | JSON_ENCODE_ANY);
    if (text != NULL) write_all(out, text);
    _exit(0);
}

/* --- its parent ------------------------------------------------------------------------------- */

/* What could not be measured is off. */
static json_t *unmeasured(const char *reason) {
    char *sentence = xasprintf("the link cannot be measured: %s", reason);
    json_t *list = json_pack("[{s:s, s:n, s:n, s:n, s:n, s:b, s:s}]", FIELD_NAME, FIELD_CALIBRATION,
                             FIELD_ASKED, FIELD_GOT, FIELD_LEAST, FIELD_MOST, FIELD_OFF, 1,
                             FIELD_IN_WORDS, sentence);
    free(sentence);
    return list;
}

static json_t *list_of(const struct calibration *calibration) {
    json_t *list = json_loads(calibration->words.data == NULL ? "" : calibration->words.data,
                              JSON_DECODE_ANY, NULL);
    if (json_is_array(list)) return list;
    json_t *instead = unmeasured(json_is_string(list) ? json_string_value(list)
                                                      : "whoever measures it ended too early");
    json_decref(list);
    return instead;
}

/* Ended or not, it is none of the living afterwards. */
static void end_child(struct calibration *calibration) {
    if (calibration->child <= 0) return;
    kill(calibration->child, SIGKILL);
    while (waitpid(calibration->child, NULL, 0) < 0 && errno == EINTR) continue;
    calibration->child = 0;
}

static void say(struct calibration *calibration, json_t *list) {
    void (*done)(void *, json_t *) = calibration->done;
    calibration->done = NULL;
    uv_read_stop((uv_stream_t *)&calibration->pipe);
    uv_timer_stop(&calibration->timer);
    end_child(calibration);
    if (done != NULL)
        done(calibration->data, list);
    else
        json_decref(list);
}

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer) {
    struct calibration *calibration = list_entry(handle, struct calibration, pipe);
    (void)suggested;
    *buffer = uv_buf_init(calibration->chunk, sizeof(calibration->chunk));
}

static void on_read(uv_stream_t *stream, ssize_t length, const uv_buf_t *buffer) {
    struct calibration *calibration = list_entry(stream, struct calibration, pipe);
    if (length > 0) buffer_append(&calibration->words, buffer->base, (size_t)length);
    if (length < 0) say(calibration, list_of(calibration));
}

static void on_time_up(uv_timer_t *timer) {
    struct calibration *calibration = list_entry(timer, struct calibration, timer);
    char *reason =
        xasprintf("nothing was heard for %lld s, try again when the machine is less busy",
                  (long long)(calibration->limit_ms / 1000));
    say(calibration, unmeasured(reason));
    free(reason);
}

static void on_closed(uv_handle_t *handle) {
    struct calibration *calibration = handle->data;
    if (--calibration->open > 0) return;
    buffer_free(&calibration->words);
    free(calibration);
}

static pid_t start_child(const struct calibration *calibration, const struct namespaces *namespaces,
                         const struct link_settings *asked, uint64_t seed, int *in) {
    int ends[2];
    pid_t parent = getpid();
    if (pipe2(ends, O_CLOEXEC) != 0) return -1;
    pid_t child = fork();
    if (child == 0) {
        become_child(parent, namespaces, ends[1], calibration->limit_ms);
        run_child(namespaces, asked, seed, calibration->limit_ms, ends[1]);
    }
    close(ends[1]);
    *in = ends[0];
    if (child < 0) close(ends[0]);
    return child;
}

struct calibration *calibration_start(uv_loop_t *loop, const struct namespaces *namespaces,
                                      const struct link_settings *asked, uint64_t seed,
                                      void (*done)(void *data, json_t *list), void *data) {
    struct calibration *calibration = xcalloc(1, sizeof(*calibration));
    int in = -1;
    calibration->done = done;
    calibration->data = data;
    calibration->limit_ms = CHILD_MS + (int64_t)(ROUND_TRIPS * (asked->rtt_ms + asked->jitter_ms));
    calibration->open = 2;
    calibration->pipe.data = calibration->timer.data = calibration;
    uv_pipe_init(loop, &calibration->pipe, 0);
    uv_timer_init(loop, &calibration->timer);
    calibration->child = start_child(calibration, namespaces, asked, seed, &in);
    if (calibration->child < 0) {
        done(data, unmeasured("no process for it can be started"));
        return calibration;
    }
    uv_pipe_open(&calibration->pipe, in);
    uv_read_start((uv_stream_t *)&calibration->pipe, on_alloc, on_read);
    uv_timer_start(&calibration->timer, on_time_up, (uint64_t)(calibration->limit_ms + GRACE_MS),
                   0);
    return calibration;
}

void calibration_stop(struct calibration *calibration) {
    if (calibration == NULL) return;
    calibration->done = NULL;
    end_child(calibration);
    uv_close((uv_handle_t *)&calibration->pipe, on_closed);
    uv_close((uv_handle_t *)&calibration->timer, on_closed);
}
