/* scan.h -- reading name(key=value, key=value): what modules are, as text.
 *
 *     term      = name "(" [ pair { "," pair } ] ")"
 *     pair      = key "=" value
 *     value     = size | seed | number | flag | choice | numbers | term
 *     numbers   = number { " " number }
 *
 * A name and a key are letters, digits and _; space (blanks, tabs, line ends)
 * may stand between any two parts.  Keys come in the order of their kind, all
 * of them.  Text from a file is not trusted: nothing is read behind its end,
 * and what is stored is at most of its own size. */
#ifndef JF_SCAN_H
#define JF_SCAN_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* The text, where reading has come to, and the first failure: where it is and
 * what was expected there; empty: none. */
typedef struct {
    const char *text, *at;
    int code; /* GSL_EINVAL, or GSL_ENOMEM */
    char message[192];
} jf_scan;

typedef enum {
    JF_SIZE,    /* digits, at most key.most            */
    JF_SEED,    /* digits, below 2^64                  */
    JF_NUMBER,  /* decimal, finite                     */
    JF_FLAG,    /* 0 or 1                              */
    JF_CHOICE,  /* one of key.names                    */
    JF_NUMBERS, /* of these at least one               */
    JF_TERM     /* passed over; read it from value.at  */
} jf_value_type;

typedef struct {
    const char *key; /* NULL: no more keys */
    jf_value_type type;
    size_t most;              /* JF_SIZE; 0: 2^24 */
    const char *const *names; /* JF_CHOICE, ends with NULL */
} jf_key;

typedef struct {
    size_t n; /* size, flag, index of the choice, length of the list */
    uint64_t seed;
    double number;
    double *list;
    const char *at; /* where the value begins */
} jf_value;

enum { JF_KEYS = 8, JF_NAME = 32 };

/* Each returns 1, or 0 after a failure, and then s->at has no meaning.  A
 * failure after the first one changes nothing.  jf_scan_expected: what was
 * expected at some place, to which it adds what is found; jf_scan_fail: what
 * else is wrong there; jf_scan_failed: what a constructor said when it gave
 * nothing. */
int jf_scan_expected(jf_scan *s, const char *at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
int jf_scan_fail(jf_scan *s, const char *at, const char *what);
int jf_scan_failed(jf_scan *s, const char *at, const jf_error *error);
int jf_scan_name(jf_scan *s, const char *expected, char name[JF_NAME]);
int jf_scan_sign(jf_scan *s, char sign);
int jf_scan_end(jf_scan *s);

/* Behind space: where that is; whether a sign comes next, which stays. */
const char *jf_scan_here(jf_scan *s);
int jf_scan_sees(jf_scan *s, char sign);

/* "(" and keys (at most JF_KEYS) with their values, ")"; clear the values in
 * any case. */
int jf_scan_arguments(jf_scan *s, const jf_key *keys, jf_value *values);
void jf_values_clear(jf_value *values);

#endif
