/* error.h -- GSL's codes are the statuses; a message goes with each failure.
 *
 * A caller's mistake    GSL_EBADLEN, GSL_EINVAL, GSL_EFAULT
 * A numerical outcome   GSL_EMAXITER  an iteration did not settle
 *                       GSL_ESING     a singular matrix
 *                       GSL_EDIVERGE  a loss that is not finite
 *                       GSL_EDOM      a point outside a map's domain
 * No memory             GSL_ENOMEM; a constructor then returns NULL
 * A file                GSL_EFAILED, after one line on stderr
 *
 * The library never stops the program and leaves GSL's handler alone.  What
 * failed last in a thread is in jf_error_last, and a thread may have a handler
 * of its own.  Work that a team divides among threads fails in the thread that
 * called, with the message of the first of its lanes that failed. */
#ifndef JF_ERROR_H
#define JF_ERROR_H

#include <stddef.h>

#include <gsl/gsl_errno.h>

typedef struct {
    int code; /* GSL's; GSL_SUCCESS: nothing has failed */
    int line;
    const char *file;
    char message[512];
} jf_error;

/* The last failure of the calling thread: it stays until the next one, as
 * errno does. */
const jf_error *jf_error_last(void);
void jf_error_clear(void);

/* Called at every failure in the calling thread, before the status returns;
 * NULL: none.  It may end the program, which the library does not. */
typedef void jf_error_handler(const jf_error *error, void *arg);
void jf_error_set_handler(jf_error_handler *handler, void *arg);

/* The handler of all threads that have set none: for a program, once, before
 * it calls anything else. */
void jf_error_set_default(jf_error_handler *handler);

/* From here on failures of this thread go to own, and no handler hears of
 * them: for a failure that may be an outcome.  Returns where they went before,
 * which a second call restores, by the function that made the first: a run of a
 * work stack (work.h) begins and ends before it. */
jf_error *jf_error_divert(jf_error *own);

/* Let a failure that was diverted be one; returns its code. */
int jf_error_raise(const jf_error *error);

/* Record a failure, and call the handler; returns code. */
int jf_error_report(int code, const char *file, int line, const char *format,
                    ...) __attribute__((format(printf, 4, 5)));

/* A NULL where a constructor's result should be: the thread's last failure says
 * why, so its code and message are those of this one, after "what: ".
 * GSL_EINVAL when nothing has failed. */
int jf_error_missing(const char *what);

/* Each control character of a text, as of a damaged file or of a strange name,
 * becomes '?': it may not break the line that it is a part of. */
void jf_one_line(char *text);

/* GSL_EFAILED after one line on stderr about a file: "jacflow: PATH:LINE: what
 * was found, what is expected", which is the message too, but for "jacflow: ".
 * line 0: none. */
int jf_refuse(const char *path, size_t line, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Fail in a function that returns a status, a value, a pointer, nothing. */
#define JF_ERROR(message, code) JF_ERROR_VAL(message, code, code)
#define JF_ERROR_NULL(message, code) JF_ERROR_VAL(message, code, NULL)
#define JF_ERROR_VAL(message, code, value)                                     \
    do {                                                                       \
        jf_error_report(code, __FILE__, __LINE__, "%s", message);              \
        return value;                                                          \
    } while (0)
#define JF_ERROR_VOID(message, code)                                           \
    do {                                                                       \
        jf_error_report(code, __FILE__, __LINE__, "%s", message);              \
        return;                                                                \
    } while (0)

/* Pass a failure of call on to the caller. */
#define JF_TRY(call)                                                           \
    do {                                                                       \
        int jf_status_ = (call);                                               \
        if (jf_status_ != GSL_SUCCESS)                                         \
            return jf_status_;                                                 \
    } while (0)

/* The same for memory that was not found, which is already reported. */
#define JF_TRY_MEMORY(pointer)                                                 \
    do {                                                                       \
        if (!(pointer))                                                        \
            return GSL_ENOMEM;                                                 \
    } while (0)

#endif
