/* number.c -- the locale "C", for a thread and for a moment. */
#include "base/number.h"

#include <locale.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

static locale_t plain; /* 0, which changes nothing, if there is no memory */

static void make_plain(void)
{
    plain = newlocale(LC_ALL_MASK, "C", (locale_t)0);
}

static locale_t enter(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, make_plain);
    return uselocale(plain);
}

int jf_vformat(char *text, size_t size, const char *format, va_list list)
{
    locale_t before = enter();
    int length = vsnprintf(text, size, format, list);
    uselocale(before);
    return length;
}

double jf_to_double(const char *text, char **end)
{
    locale_t before = enter();
    double value = strtod(text, end);
    uselocale(before);
    return value;
}
