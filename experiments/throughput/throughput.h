/* throughput.h -- what the parts of the experiment throughput share.
 *
 * Every workload runs in a process of its own, the worker, which is started
 * once, warms up, and then serves requests on its standard input: so times are
 * taken in turn over all workloads, precisions and thread counts, ours and
 * those of other frameworks (tools/peers/bench), and memory is that of one
 * workload alone.
 *
 *   worker: "ready PARAMS PEAK_MIB ARENA_MIB DIGEST FIRST NAME AND VERSION",
 *           FIRST the seconds from the start of the process to the end of its
 *           first step, NaN where the system does not tell, the others
 *           finite, none less than 0; or "absent WHY"
 *   asked:  "MODE SECONDS"; it repeats MODE until SECONDS have passed
 *   worker: "SECONDS BUSY" of a call, BUSY by all processors together, both
 *           finite and above 0, or "nan nan" where it cannot; or "RATE 0" of
 *           the machine.  Any other line ends the run */
#ifndef THROUGHPUT_H
#define THROUGHPUT_H

#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#include "common/table.h"
#include "jf.h"

/* What is timed: of a workload, then of the machine. */
typedef enum { TRAIN, LOG_PROB, SAMPLE, MODES } mode;
typedef enum { FMA, GEMM, TRIAD, TOUCH, CEILINGS } ceiling;
extern const char *const mode_names[MODES];
extern const char *const ceiling_names[CEILINGS];

enum { FLOAT = 1, DOUBLE = 2 }; /* precisions, as a set */

/* A flow and the rows it is given.  layers: couplings, or steps a level. */
typedef struct workload workload;
struct workload {
    const char *name, *what;
    jf_layer *(*build)(const workload *w);
    double (*products)(const workload *w); /* multiply-adds of a row, forward */
    size_t d, layers, hidden, batch;
    size_t rows[MODES];  /* of a call; 0: not timed                   */
    size_t side, levels; /* of images                                 */
    int recompute;       /* store no activations                      */
    int precisions;
    double asked[MODES]; /* the best peer's time over ours; 0: nothing */
};

extern const workload workloads[];
extern const size_t n_workloads;
const workload *workload_named(const char *name); /* NULL: none */

/* Multiplications and additions of one call, counted from the shapes, and the
 * bytes that it cannot keep from moving, of reals of size bytes. */
double workload_operations(const workload *w, mode m);
double workload_bytes(const workload *w, mode m, size_t size);

/* A workload in progress. */
typedef struct {
    const workload *w;
    jf_layer *f;
    jf_team *team;
    jf_latent q;
    jf_optimizer adam;
    real *theta, *state, *grad;
    double *log_p;
    jf_matrix x, draws;
    size_t step;
} job;

job job_new(const workload *w, size_t threads);
void job_call(job *j, mode m);
void job_free(job *j);
double job_arena_mib(const job *j); /* the stacks of the lanes */
uint32_t job_digest(const job *j);  /* of the bytes of theta   */

double throughput_seconds(void);

/* Rates of the machine: operations or bytes a second, on threads threads. */
double machine_rate(ceiling c, size_t threads);

/* Serve one workload, or "machine", until standard input ends. */
int throughput_serve(const char *name, size_t threads);

enum { MAX_ROUNDS = 66, SEAT_LINE = 256, SEAT_NAME = 64 };

/* A worker as the main program sees it. */
typedef struct {
    const workload *w; /* NULL: the machine */
    const char *who;   /* "jacflow", or a peer's setting */
    int precision;
    size_t threads;
    pid_t pid;
    FILE *to, *from;
    size_t params;
    double peak_mib, arena_mib, first; /* first: seconds, as above */
    unsigned long digest;
    char name[SEAT_NAME]; /* and version */
    size_t count[CEILINGS];
    int absent[CEILINGS]; /* 1: of this the worker said that it cannot */
    double values[CEILINGS][MAX_ROUNDS]; /* seconds, or rates */
    double busy[CEILINGS];               /* the least of all rounds */
    /* Of all rounds together: joules (NaN: not told), and their seconds. */
    double joules[CEILINGS], asked[CEILINGS];
} seat;

/* Start argv[0] on threads processors of its own, and wait until it is ready;
 * 0 when it is not, and why: seat_ended, or what it said. */
extern const char seat_ended[];
void seat_start(seat *s, char *const argv[]);
int seat_ready(seat *s, char why[SEAT_LINE]);

/* Ask for mode or ceiling m, called what, and keep the answer. */
void seat_ask(seat *s, size_t m, const char *what, double seconds);

/* Joules of a call that takes seconds, at the mean power of its rounds. */
double seat_joules(const seat *s, size_t m, double seconds);
void seat_end(seat *s);

/* Processors that other programs kept busy since the first call, in the mean;
 * the workers have ended. */
double seat_others(void);

/* Least, quartiles and median of n <= MAX_ROUNDS values. */
typedef struct {
    double least, lower, median, upper;
} spread;
spread spread_of(size_t n, const double *values);

enum { MAX_SEATS = 256 };

typedef struct {
    const jf_args *args;
    const char *script; /* of the peers; NULL: none */
    char program[2][512];
    seat seats[MAX_SEATS];
    size_t count, most;            /* most: threads */
    double seconds, budget, start; /* of a measurement; of all; the clock */
    size_t rounds;
} throughput_run;

/* Run the families of workloads, or the only one, "W1" .. "W7": each in
 * processes of its own, with the machine's ceilings in the same turns. */
int throughput_is_family(const char *name);
void throughput_families(throughput_run *r, const char *only);

/* The tables of a finished run of count workers, and what is printed. */
void throughput_tables(const jf_args *args, const seat *seats, size_t count);

/* scaling.csv, by the calling process. */
void throughput_scaling(const jf_args *args, size_t threads);

/* scaling-threads.csv, by the calling process. */
void throughput_threads(const jf_args *args, size_t threads);

#endif
