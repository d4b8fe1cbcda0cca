/* What is examined. */
#include "doctor/patient.h"

#include "base/memory.h"
#include "system/file.h"

#include <stdlib.h>

char *patient_line(const struct patient *patient, const char *path) {
    char *whole = xasprintf("%s%s", patient->root, path);
    char *line = file_first_line(whole);
    free(whole);
    return line;
}
