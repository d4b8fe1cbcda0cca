/* Pauses between attempts: see pauses.h. */
#include "pauses.h"

#include <stdbool.h>

/* Before each attempt; the first comes at once. */
static const double seconds[ATTEMPTS_MAX] = {
    0, 5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400,
};

double pause_seconds(int attempts, const struct url_post_result *result, double scale,
                     struct random *jitter) {
    bool overloaded = result->status == 429 || result->status == 502 || result->status == 504;
    double pause = seconds[attempts] * scale * (overloaded ? 2 : 1);
    pause *= 0.8 + 0.4 * random_unit(jitter);
    double asked = (double)result->retry_after_seconds;
    return pause > asked ? pause : asked;
}
