/* args.c -- the command line, over getopt_long. */
#include "args.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include <version.h> /* made by the build */

#include "base/error.h"
#include "base/memory.h"
#include "base/number.h"
#include "base/real.h"
#include "io/output.h"

/* As it was called: "audit", or "jacflow audit". */
static const char *program_name = "jacflow";

static char ranked_name[64];

void jf_args_name_rank(size_t rank)
{
    snprintf(ranked_name, sizeof ranked_name, "%.40s: rank %zu", program_name,
             rank);
    program_name = ranked_name;
}

void jf_fail(int status, const char *format, ...)
{
    char line[1024]; /* one write, so that lines of programs do not mix */
    va_list list;
    va_start(list, format);
    vsnprintf(line, sizeof line, format, list);
    va_end(list);
    jf_one_line(line);
    fprintf(stderr, "%s: %s\n", program_name, line);
    jf_end(status);
}

/* LLVM's OpenMP keeps a file of shared memory for each process, by its number,
 * and removes it where exit ends one.  What a killed process leaves is there for
 * ever, and a later process of that number may not begin: it is told that
 * OpenMP runs twice.  Of this number there is no other now. */
static void forget_openmp(void)
{
    char name[64];
    int before = errno;
    snprintf(name, sizeof name, "/__KMP_REGISTERED_LIB_%d_%d", (int)getpid(),
             (int)getuid());
    shm_unlink(name);
    errno = before;
}

static void (*at_refusal)(void);

void jf_at_refusal(void (*f)(void))
{
    at_refusal = f;
}

void jf_end(int status)
{
    if (status == 2 && at_refusal)
        at_refusal();
    fflush(stdout);
    forget_openmp();
    quick_exit(status);
}

/* What a program that succeeds said on stdout may not have come through, as on
 * a full disk. */
static void check_stdout(int status, void *unused)
{
    (void)unused;
    if (status != 0)
        return;
    errno = 0;
    if (fflush(stdout) == 0 && !ferror(stdout))
        return;
    fprintf(stderr, "%s: stdout: cannot write%s%s\n", program_name,
            errno ? ": " : "", errno ? strerror(errno) : "");
    _exit(1);
}

static void stop(const jf_error *error, void *unused)
{
    (void)unused;
    if (error->code != GSL_ENOMEM)
        return;
    fprintf(stderr, "%s: %s\n", program_name, error->message);
    jf_end(1);
}

void jf_stop_on_failure(void)
{
    static int watched;
    forget_openmp();
    jf_error_set_default(stop);
    signal(SIGXFSZ, SIG_IGN); /* past ulimit -f a write fails, and tells */
    if (!watched)
        watched = on_exit(check_stdout, NULL) == 0;
}

const char *jf_profile_name(jf_profile profile)
{
    static const char *const names[] = {"quick", "default", "full"};
    return names[profile];
}

enum {
    HELP,
    VERSION_OPTION,
    SEED,
    OUT,
    PROFILE,
    THREADS,
    DATA,
    COLUMNS,
    ARRAY,
    DROP_MISSING,
    SIZE,
    RESUME,
    QUIET,
    CONTROL,
    SHARD,
    MERGE,
    MAX_HOURS,
    RANKS,
    COMMON
};

static const struct {
    const char *name, *value, *help;
} common[COMMON] = {
    {"help", NULL, "print this and exit"},
    {"version", NULL, "print the version and exit"},
    {"seed", "N", "seed of every random stream [1]"},
    {"out", "DIR",
     "folder of tables and verdicts, made when missing [results]"},
    {"profile", "NAME",
     "sizes of the experiment: quick (seconds), default (minutes) or full "
     "(hours) [default]"},
    {"threads", "N",
     "threads; 0: all processors; results do not depend on it [0]"},
    {"data", "SPEC",
     "a table of one's own instead of the program's: a built-in name (list "
     "prints them), a file (CSV, NPY, NPZ, HDF5 as FILE:/NAME, IDX, PNG, JPEG, "
     "WebP), "
     "or a folder of pictures [the program's own]"},
    {"columns", "LIST",
     "columns of the file, such as 1-3,5,age; others are not looked at [all]"},
    {"array", "NAME", "which array of an NPZ or HDF5 file [the only one]"},
    {"drop-missing", NULL,
     "leave out rows with missing values [they are refused]"},
    {"size", "S",
     "crop the centre of pictures and scale it to S x S pixels, 1 .. 8192 [as "
     "they are]"},
    {"resume", NULL,
     "take over the finished points of an interrupted run [start afresh]"},
    {"quiet", NULL, "no progress on stderr [progress when that is a terminal]"},
    {"negative-control", NULL,
     "plant in every row the error that its column broken names, so that none "
     "may hold; for the tests, and for a folder of its own [the truth]"},
    {"shard", "I/N",
     "of the grid only the points of share I of N, into DIR/*.partial; slurm: "
     "the share of this task of a job array [the whole grid]"},
    {"merge", NULL,
     "join the shares that DIR has into tables and verdicts; computes no point "
     "[a run]"},
    {"max-hours", "H",
     "stop after the point, or step of training, in which H hours are over; "
     "--resume goes on.  So does a run that SIGTERM, SIGUSR1 or a file "
     "DIR/stop stopped [no end]"},
    {"ranks", "WAY",
     "under mpiexec: shard, a share of the grid a rank, merged by the first; "
     "fit, all ranks on every training run, where the program can; none, "
     "alone [shard]"},
};

enum { SCREEN = 80, TEXT = 20 }; /* columns; where descriptions begin */

/* Words of text, wrapped, from column indent on; the line stands at column at.
 */
static void wrap(const char *text, size_t at, size_t indent)
{
    for (size_t n; *text; text += n + strspn(text + n, " ")) {
        n = strcspn(text, " ");
        if (at > indent && at + 1 + n > SCREEN) {
            putchar('\n');
            at = 0;
        }
        if (at < indent)
            printf("%*s", (int)(indent - at), "");
        else if (at > indent)
            putchar(' ');
        at = (at < indent ? indent : at > indent ? at + 1 : at) + n;
        printf("%.*s", (int)n, text);
    }
    putchar('\n');
}

static void option_help(const char *name, size_t length, const char *value,
                        const char *text)
{
    int at = printf("  --%.*s%s%s", (int)length, name, value ? " " : "",
                    value ? value : "");
    if (at + 2 > TEXT) {
        putchar('\n');
        at = 0;
    }
    wrap(text, (size_t)at, TEXT);
}

/* The name of a program's own option, without the word for its value. */
static size_t name_length(const jf_option *option)
{
    return strcspn(option->name, "=");
}

static const char *const experiment_files[] = {
    "Files:",
    "  DIR/*.csv           tables, a run or point a row, units in "
    "column names",
    "  DIR/verdicts/*.csv  what the program found of each claim",
    "  DIR/*.partial       finished points of a run or share that was "
    "interrupted",
    "",
    "Exit status:",
    "  0  it ran; a refuted claim is a row, not a status",
    "  1  anything else, such as a table that cannot be written",
    "  2  a bad option or bad input: one line on stderr says where and "
    "what",
    NULL,
};

/* Whether the program takes the common option. */
static int takes(const jf_program *p, int option)
{
    const char *name = common[option].name, *at = p->only;
    size_t n = strlen(name);
    for (; at && (at = strstr(at, name)); at += n)
        if ((at == p->only || at[-1] == ' ') && (!at[n] || at[n] == ' '))
            return 1;
    return !p->only;
}

static void help(const jf_program *p)
{
    const jf_option *own = p->own;
    printf("Usage: %s [OPTION]...\n", program_name);
    for (const char *line = p->about; *line;) {
        size_t n = strcspn(line, "\n");
        jf_text text = {0};
        jf_text_add(&text, "%.*s", (int)n, line);
        wrap(text.data, 0, 0);
        free(text.data);
        line += n + (line[n] == '\n');
    }
    printf("Likelihoods are in nats per sample.  Defaults are in brackets.\n\n"
           "Options:\n");
    for (int i = 0; i < COMMON; i++)
        if (takes(p, i))
            option_help(common[i].name, strlen(common[i].name), common[i].value,
                        common[i].help);
    for (; own && own->name; own++) {
        size_t n = name_length(own);
        const char *word = own->name[n] ? own->name + n + 1 : "VALUE";
        option_help(own->name, n, own->value ? word : NULL, own->help);
    }
    putchar('\n');
    for (const char *const *line = p->files; *line; line++)
        puts(*line);
}

unsigned long jf_args_number(const char *option, const char *text,
                             unsigned long least, unsigned long most)
{
    char *end;
    errno = 0;
    unsigned long value = strtoul(text, &end, 10);
    if (text[0] >= '0' && text[0] <= '9' && !*end && !errno && value >= least &&
        value <= most)
        return value;
    if (most == ULONG_MAX)
        jf_fail(2, "--%s: '%s' found, a whole number of at least %lu expected",
                option, text, least);
    jf_fail(2, "--%s: '%s' found, a whole number within %lu .. %lu expected",
            option, text, least, most);
}

double jf_args_real(const char *option, const char *text, double least,
                    double most)
{
    char *end;
    double value = jf_to_double(text, &end);
    int decimal = !text[strspn(text, "+-.0123456789eE")];
    if (*text && !*end && decimal && value > least && value <= most)
        return value;
    jf_fail(2, "--%s: '%s' found, a number above %g and at most %g expected",
            option, text, least, most);
}

static jf_profile profile(const char *text)
{
    for (int p = JF_QUICK; p <= JF_FULL; p++)
        if (strcmp(text, jf_profile_name((jf_profile)p)) == 0)
            return (jf_profile)p;
    jf_fail(2, "--profile: '%s' found, quick, default or full expected", text);
}

/* I/N, or the place of this task in its job array: the tasks are MIN, MIN +
 * STEP, .. MAX. */
static unsigned long slurm(const char *name)
{
    jf_text variable = {0};
    jf_text_add(&variable, "SLURM_ARRAY_TASK_%s", name);
    const char *text = getenv(variable.data);
    if (!text)
        jf_fail(2, "--shard slurm: no %s found, a task of a job array expected",
                variable.data);
    unsigned long value = jf_args_number("shard slurm", text, 0, 1 << 30);
    free(variable.data);
    return value;
}

static void take_shard(jf_args *args, const char *text)
{
    char *slash;
    if (strcmp(text, "slurm") == 0) {
        unsigned long id = slurm("ID"), min = slurm("MIN"), max = slurm("MAX");
        unsigned long step = slurm("STEP");
        args->shards = slurm("COUNT");
        if (step == 0 || min + (args->shards - 1) * step != max)
            jf_fail(2,
                    "--shard slurm: %zu tasks within %lu-%lu:%lu found, a job "
                    "array without gaps expected",
                    args->shards, min, max, step);
        args->shard = (id - min) / step;
        return;
    }
    args->shard = strtoul(text, &slash, 10) - 1;
    if (text[0] < '1' || text[0] > '9' || *slash != '/')
        jf_fail(2, "--shard: '%s' found, I/N or slurm expected", text);
    args->shards = jf_args_number("shard", slash + 1, 1, 1 << 20);
    if (args->shard >= args->shards)
        jf_fail(2, "--shard: '%s' found, a share within 1 .. %zu expected",
                text, args->shards);
}

static const char *ranks_way(const char *text)
{
    static const char *const ways[] = {"shard", "fit", "none"};
    for (size_t k = 0; k < sizeof ways / sizeof *ways; k++)
        if (strcmp(text, ways[k]) == 0)
            return ways[k];
    jf_fail(2, "--ranks: '%s' found, shard, fit or none expected", text);
}

/* The program's own options, for jf_args. */
static jf_text own_text;
static const char **own_values;

static void take_own(jf_args *args, const jf_option *own)
{
    jf_text_add(&own_text, " --%.*s%s%s", (int)name_length(own), own->name,
                own->value ? " " : "", own->value ? optarg : "");
    args->own = own_text.data;
    if (!own->value) {
        *own->flag = 1;
        return;
    }
    *own->value = optarg;
    if (strncmp(own->name, "save", name_length(own)) == 0) /* no input */
        return;
    own_values = jf_resize(own_values, args->n_values + 1, sizeof *own_values);
    own_values[args->n_values++] = optarg;
    args->values = own_values;
}

/* FILE:/NAME is an array of a file. */
static void take_data(jf_args *args, char *spec)
{
    char *colon = access(spec, F_OK) == 0 ? NULL : strstr(spec, ":/");
    args->data = spec;
    if (!colon)
        return;
    *colon = 0;
    if (access(spec, F_OK) == 0)
        args->array = colon + 1;
    else
        *colon = ':';
}

static void take(jf_args *args, int option, const jf_program *p)
{
    switch (option) {
    case HELP:
        help(p);
        exit(0);
    case VERSION_OPTION:
        printf("%s (jacflow) %s, %s\n", program_name, JF_VERSION, p->version);
        exit(0);
    case SEED:
        args->seed = jf_args_number("seed", optarg, 0, ULONG_MAX);
        break;
    case OUT:
        args->out = optarg;
        break;
    case PROFILE:
        args->profile = profile(optarg);
        break;
    case THREADS:
        args->threads = jf_args_number("threads", optarg, 0, 1024);
        break;
    case DATA:
        take_data(args, optarg);
        break;
    case COLUMNS:
        args->columns = optarg;
        break;
    case ARRAY:
        args->array = optarg;
        break;
    case DROP_MISSING:
        args->drop_missing = 1;
        break;
    case SIZE:
        args->size = jf_args_number("size", optarg, 1, 8192);
        break;
    case RESUME:
        args->resume = 1;
        break;
    case QUIET:
        args->quiet = 1;
        break;
    case CONTROL:
        args->control = 1;
        break;
    case SHARD:
        take_shard(args, optarg);
        break;
    case MERGE:
        args->merge = 1;
        break;
    case MAX_HOURS:
        args->max_hours = jf_args_real("max-hours", optarg, 0, 1e6);
        break;
    case RANKS:
        args->ranks = ranks_way(optarg);
        break;
    default:
        take_own(args, p->own + (option - COMMON));
    }
}

jf_args jf_args_read(int argc, char **argv, const char *about,
                     const jf_option *own)
{
    jf_args args = jf_args_read_program(
        argc, argv,
        &(jf_program){about, own, experiment_files, JF_PRECISION, NULL});
    const char *of_data = args.columns        ? "--columns"
                          : args.array        ? "--array"
                          : args.drop_missing ? "--drop-missing"
                                              : NULL;
    if (of_data && !args.data)
        jf_fail(2, "%s without --data found, a table expected", of_data);
    if (args.merge && args.shards)
        jf_fail(2, "--merge with --shard found, one of them expected");
    return args;
}

jf_args jf_args_read_program(int argc, char **argv, const jf_program *p)
{
    const jf_option *own = p->own;
    jf_args args = {.seed = 1, .out = "results", .profile = JF_DEFAULT};
    const char *slash = strrchr(argv[0], '/');
    size_t count = 0;

    jf_stop_on_failure();
    program_name = slash ? slash + 1 : argv[0];
    const char *blank = strrchr(program_name, ' ');
    args.program = blank ? blank + 1 : program_name;
    while (own && own[count].name)
        count++;
    struct option *longs = jf_alloc(COMMON + count + 1, sizeof *longs);
    size_t taken = 0;
    for (int i = 0; i < COMMON; i++)
        if (takes(p, i))
            longs[taken++] = (struct option){common[i].name,
                                             common[i].value != NULL, NULL, i};
    char **names = jf_alloc(count + 1, sizeof *names);
    for (size_t i = 0; i < count; i++) {
        names[i] = jf_alloc(name_length(&own[i]) + 1, 1);
        memcpy(names[i], own[i].name, name_length(&own[i]));
        longs[taken + i] = (struct option){names[i], own[i].value != NULL, NULL,
                                           COMMON + (int)i};
    }
    opterr = 0;
    own_text.length = 0;
    optind = 1; /* a test reads more than one line */
    /* Without "+" words are moved behind the options, and with a cluster of
     * letters optind stays: at is where the option stands in any case. */
    for (int c, at = optind;
         (c = getopt_long(argc, argv, "+:", longs, NULL)) != -1; at = optind) {
        if (c == ':')
            jf_fail(2, "%s: a value is expected; see --help", argv[at]);
        if (c == '?')
            jf_fail(2, "%s: no such option; see --help", argv[at]);
        take(&args, c, p);
    }
    if (optind < argc)
        jf_fail(2, "'%s' found, an option expected; see --help", argv[optind]);
    for (size_t i = 0; i < count; i++)
        free(names[i]);
    free(names);
    free(longs);
    if (args.control && strcmp(args.out, "results") == 0)
        jf_fail(2, "--negative-control into results found, --out with a folder "
                   "of its own expected");
    return args;
}

static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int has_bar(const jf_args *args)
{
    return !args->quiet && isatty(2);
}

void jf_progress_clear(const jf_args *args)
{
    if (has_bar(args))
        fputs("\r\033[K", stderr);
}

void jf_progress(const jf_args *args, const char *what, size_t done,
                 size_t total)
{
    enum { WIDTH = 20 };
    char name[64];
    static double start, last;
    if (!has_bar(args) || total == 0)
        return;
#pragma omp critical(jf_progress)
    {
        double now = seconds();
        if (start == 0 || done <= 1)
            start = now;
        if (done == total || now - last > 0.1) {
            double rate = (double)done / (now - start + 1e-9);
            int full = (int)(WIDTH * done / total);
            last = now;
            int same = strcmp(what, args->program) == 0;
            snprintf(name, sizeof name, "%s%s%s", args->program,
                     same ? "" : ": ", same ? "" : what);
            fprintf(stderr,
                    "\r%-24.24s [%.*s%*s] %zu/%zu  %.3g/s  %.0f s left\033[K",
                    name, full, "####################", WIDTH - full, "", done,
                    total, rate, (double)(total - done) / rate);
            if (done == total)
                fputs("\r\033[K", stderr);
        }
    }
}
