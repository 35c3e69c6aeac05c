/* number.h -- numbers as text, with a decimal point in every locale. */
#ifndef JF_NUMBER_H
#define JF_NUMBER_H

#include <stdarg.h>
#include <stddef.h>

/* vsnprintf and strtod as they are in the locale "C". */
int jf_vformat(char *text, size_t size, const char *format, va_list list)
    __attribute__((format(printf, 3, 0)));
double jf_to_double(const char *text, char **end);

#endif
