/* args.h -- the options that every program takes, and how a program stops. */
#ifndef JF_ARGS_H
#define JF_ARGS_H

#include <stddef.h>

typedef enum { JF_QUICK, JF_DEFAULT, JF_FULL } jf_profile;

typedef struct {
    const char *program;  /* the last word of its name          */
    unsigned long seed;   /* --seed N, default 1                */
    const char *out;      /* --out DIR, default results         */
    jf_profile profile;   /* --profile quick|default|full       */
    size_t threads;       /* --threads N, default 0: all        */
    const char *data;     /* --data SPEC, default NULL          */
    const char *columns;  /* --columns LIST, default NULL       */
    const char *array;    /* --array NAME, default NULL         */
    size_t size;          /* --size S, default 0: the program's */
    int drop_missing;     /* --drop-missing                     */
    int resume, quiet;    /* --resume, --quiet                  */
    int control;          /* --negative-control                 */
    size_t shard, shards; /* --shard I/N: I - 1 and N; 0: all of the grid */
    int merge;            /* --merge: of points computed nothing          */
    double max_hours;     /* --max-hours H, default 0: no end             */
    const char *ranks;    /* --ranks WAY, default NULL                    */
    struct jf_ranks *together; /* ranks that work on the same points; NULL */
    const char *own; /* the program's own options, as given; NULL: none */
    const char *const *values; /* what follows those that take a value,
                                  but for --save */
    size_t n_values;
} jf_args;

/* An option of one program: a flag when value is NULL, otherwise the text that
 * follows it; name is then "rate=R", R the word that the help has for it.  The
 * help ends with the default in brackets.  A list ends with a name of NULL. */
typedef struct {
    const char *name, *help;
    int *flag;
    const char **value;
} jf_option;

/* Read the command line; about is the program's help, one sentence a line.
 * --help and --version print and exit 0; a bad option is one line on stderr
 * and exit 2. */
jf_args jf_args_read(int argc, char **argv, const char *about,
                     const jf_option *own);

/* The same for programs that are no experiments: what the help says below the
 * options (lines, the last NULL), and --version beside the version; only: of
 * the options above those that it takes, with spaces between (NULL: all). */
typedef struct {
    const char *about;
    const jf_option *own;
    const char *const *files;
    const char *version;
    const char *only;
} jf_program;
jf_args jf_args_read_program(int argc, char **argv, const jf_program *p);

/* A whole number within least .. most, or the program stops with status 2. */
unsigned long jf_args_number(const char *option, const char *text,
                             unsigned long least, unsigned long most);

/* A number above least and at most most, likewise. */
double jf_args_real(const char *option, const char *text, double least,
                    double most);

/* The name under which lines on stderr speak, here of a rank among others. */
void jf_args_name_rank(size_t rank);

/* "quick", "default", "full" */
const char *jf_profile_name(jf_profile profile);

/* One line "program: message" on stderr, and exit with status: 2 for bad usage
 * or input, 1 for anything else. */
_Noreturn void jf_fail(int status, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The end of a program that fails, after its line: at once, from any thread;
 * exit would take libraries from under the threads that go on. */
_Noreturn void jf_end(int status);

/* f, in place of that of an earlier call, before the process ends with status 2. */
void jf_at_refusal(void (*f)(void));

/* From here on a call of the library that finds no memory, in any thread, is
 * the end of the program, by one line and status 1: so its parts need not look
 * at what a constructor returns.  Likewise in the end a stdout that did not
 * take what was said.  A file that grows beyond ulimit -f is one that cannot be
 * written.  jf_args_read begins with it. */
void jf_stop_on_failure(void);

/* A bar with rate and time left on stderr, when that is a terminal and not
 * --quiet; call it after each of total pieces, from any thread. */
void jf_progress(const jf_args *args, const char *what, size_t done,
                 size_t total);

/* Take the bar off the terminal, before something is said there. */
void jf_progress_clear(const jf_args *args);

#endif
