/* What every unit test includes: cmocka, and the headers that it wants before its own. */
#ifndef PUSHPULL_TEST_H
#define PUSHPULL_TEST_H

/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */

#endif
