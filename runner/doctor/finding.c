/* What one check found. */
#include "doctor/finding.h"

#include "base/memory.h"

#include <stdarg.h>
#include <stdlib.h>

static void replace(char **text, const char *format, va_list arguments) {
    free(*text);
    *text = xvasprintf(format, arguments);
}

void finding_saw(struct finding *finding, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    replace(&finding->seen, format, arguments);
    va_end(arguments);
}

void finding_note(struct finding *finding, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    replace(&finding->advice, format, arguments);
    va_end(arguments);
    finding->grade = GRADE_NOTE;
}

void finding_bad(struct finding *finding, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    replace(&finding->advice, format, arguments);
    va_end(arguments);
    finding->grade = GRADE_BAD;
}

void finding_unread(struct finding *finding, const char *path) {
    finding_saw(finding, "unknown");
    finding_note(finding, "%s cannot be read, or has nothing that is known here.", path);
}

void finding_free(struct finding *finding) {
    free(finding->seen);
    free(finding->advice);
}
