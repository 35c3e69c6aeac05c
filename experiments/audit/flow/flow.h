/* flow.h -- what the parts of the audit of a flow share. */
#ifndef AUDIT_FLOW_H
#define AUDIT_FLOW_H

#include "audit/audit.h"

/* How exact a column's numbers are: |error| of v <= unit |v| from arithmetic,
 * and a half of the last digit written. */
typedef struct {
    const char *name; /* float32, ... */
    double unit;
    int digits, decimals; /* most significant digits; most behind the point */
} precision;

/* So many rows are named. */
enum { LOST_ROWS = 3 };

/* A user's table: the rows whose numbers, and |z|^2, are all finite. */
typedef struct {
    char name[64];
    size_t rows, n, d; /* in the file; finite; dimensions       */
    size_t bad_z, bad_ld, bad_ll, bad_x; /* rows of which z is not finite,
                                else ld, ll, x                        */
    size_t too_large; /* rows of finite numbers of which |z|^2 is not, or
                         what they are allowed to differ by    */
    size_t first_bad; /* from 1; 0: none                       */
    size_t lost, lost_row[LOST_ROWS]; /* rows of which ld alone, or ld and ll,
                                are not finite; the first of them, from 1  */
    double *ll, *ld;     /* (n) log_likelihood, log_abs_det       */
    double *z, *x;       /* (n, d); x is NULL when not given      */
    double *back;        /* (n, d) x_back1 .. and                 */
    double *ld_back;     /* (n) log_abs_det_back; NULL likewise   */
    double *base, *half; /* (n) log N(z; 0, I), |z|^2 / 2         */
    double *allowed;     /* (n) rounding of ll - base - ld        */
    size_t *row;         /* (n) of the file, from 0               */
    precision of_ll, of_ld, of_z, of_x;
} flow_numbers;

/* Or status 2 after one line on stderr; also when fewer than d + 2 rows are
 * finite. */
void flow_read(const char *path, flow_numbers *f);
/* The same from numbers in memory (n, d), copied, x may be NULL; rows that
 * are not finite are taken out. */
void flow_from(const char *name, size_t n, size_t d, const double *ll,
               const double *ld, const double *z, const double *x,
               flow_numbers *f);
void flow_free(flow_numbers *f);

/* The most that an entry v is wrong as it is written. */
double written_error(const precision *p, double v);

/* How far two answers at one point may be apart, v one of them: half of the digits
 * of the coarsest column, since sums of another batch are added in another order,
 * and what is written. */
double two_answers(const flow_numbers *f, const precision *p, double v);

/* Which centres and which neighbours the volume is seen by: the better half of
 * some, the best of many, or among rows where all x_j have the same signs. */
typedef enum { VOLUME_HALF, VOLUME_BEST, VOLUME_BY_SIGN, VOLUME_WAYS } look_at;

/* How many errors of first and second order are allowed. */
enum { VOLUME_ERRORS = 5 };

/* The volume of the map x -> z seen by neighbours (volume.c).
 * Centres are those of the better half by predicted error. */
typedef struct {
    size_t centres, neighbours; /* 0 centres: impossible, see why */
    int quadratic;
    const char *why;
    size_t *row;                /* (centres) of the finite rows           */
    double *log_det;            /* (centres) estimates of log |det|       */
    double *allowed;            /* (centres) errors of them, of a design;
                                   NULL: all as large                     */
    double first, second, next; /* errors of an estimate: volume.c    */
    double middle, typical;     /* of log_det - ld: median, median size */
    double stretch;             /* the largest |dz| / |dx| of neighbours  */
    look_at way;
} flow_volume;
void volume_of(const flow_numbers *f, look_at way, flow_volume *v);
void volume_free(flow_volume *v);

/* x (n, d) centred and multiplied by the inverse of the Cholesky factor l (d, d)
 * of its covariance; mean (d) and l are 0 before.  0 when it is singular. */
int whiten(size_t n, size_t d, double *x, double *mean, double *l);

/* first[i]: the least row whose point is that of row i; x (n, d). */
void same_points(size_t n, size_t d, const double *x, size_t *first);

/* Medians of v and of |v|; v is sorted, or becomes |v| sorted. */
double median(size_t n, double *v);
double median_size(size_t n, double *v);

/* A line of the report. */
typedef enum {
    AUDIT_OK,
    AUDIT_WRONG,  /* the columns contradict each other or x: a mistake  */
    AUDIT_MISFIT, /* z has not the law of the base: fit, or base        */
    AUDIT_NOTE,   /* a number to know                                   */
    AUDIT_OPEN    /* cannot be decided from these numbers               */
} audit_verdict;
extern const char *const audit_words[]; /* ok, wrong, ... */

typedef struct {
    const char *check, *claim, *statement;
    double measured, expected, tolerance;
    int at_most; /* measured <= expected + tolerance is asked, no more */
    audit_verdict verdict;
    char detail[200];
} audit_line;

/* A known mistake and the trace that it leaves (diagnosis.c). */
typedef struct hypothesis hypothesis;

enum { AUDIT_LINES = 32, AUDIT_ALSO = 6, AUDIT_PARAMETERS = 3 };
typedef struct {
    audit_line line[AUDIT_LINES];
    size_t count;
    int wrong, misfit; /* lines of these verdicts            */
    int residual_wrong, volume_wrong, not_one_to_one;
    /* Of a design (design.h): stencils, those where J is singular; 1: only
     * log_abs_det differs at equal x, 2: z does; mass and whether it is
     * more (1) or less (-1) than 1. */
    size_t stencils, singular;
    int not_a_function, mass_wrong;
    int back_wrong; /* x_back or log_abs_det_back */
    double mass;
    double scatter;     /* deviation of noise that own points show; 0: none */
    double maybe_noise; /* the same where they do not prove it */
    double apart;  /* a second file: of z at equal x; 0: by rounding at most */
    int too_small; /* ld in mean: a Gaussian is ahead though z is normal */
    const hypothesis *found;            /* NULL: none needed                  */
    double parameter[AUDIT_PARAMETERS]; /* fitted by it, if it has some       */
    const hypothesis *also[AUDIT_ALSO]; /* that fit as well             */
    size_t n_also;
    double level;                  /* of each statistical test           */
    double least_visible;          /* nats of log_abs_det; inf without x */
    double mean_off, mean_allowed; /* by a smooth fit; 0: not looked at */
    flow_volume volume;
} audit_report;

/* The family-wise level of the statistical tests on one file. */
#define AUDIT_LEVEL 3e-4
/* The share of correct files that may raise an alarm, of any kind. */
#define AUDIT_RATE 1e-3
/* The share of them in which noise may be noted, which accuses nobody and asks
 * for a design. */
#define NOISE_RATE 1e-2

/* Add a line, and give it back for its detail. */
audit_line *audit_add(audit_report *r, const char *check, const char *claim,
                      const char *statement, double measured, double expected,
                      double tolerance, audit_verdict verdict);

/* The text of a line, at most as long as detail. */
void audit_detail(audit_line *line, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The points of a table: x1 .. xd when it has columns of such names, or else
 * all columns; (n, d), to be freed.  Or status 2. */
double *flow_points(const char *path, const char *columns, size_t *n,
                    size_t *d);

/* All checks of one file, the diagnosis and notes. */
void audit_judge(const flow_numbers *f, audit_report *r);
void audit_report_free(audit_report *r);

/* What a smooth fit of all points says beyond that, as notes: of numbers in which
 * nothing is wrong. */
void audit_smooth(const flow_numbers *f, audit_report *r);

/* Whether log_abs_det is noisy, by a random field fitted to z: of numbers in
 * which nothing is wrong but the volume.  0: not looked at, or by too few points
 * to tell. */
int audit_noise(const flow_numbers *f, audit_report *r);

/* Their parts, which add lines; what holds row by row, of any rows. */
void audit_check_rows(const flow_numbers *f, audit_report *r);
void audit_check(const flow_numbers *f, audit_report *r);
void audit_diagnose(const flow_numbers *f, audit_report *r);
void audit_note(const flow_numbers *f, audit_report *r);

/* A value that a column of z takes at points that differ in every column of x
 * (of any, without x): 0 when there is none.  parameter: column from 1, value,
 * how many points. */
int flow_atom(const flow_numbers *f, double *parameter);

/* The inverse against forward, where the columns are there. */
void audit_back(const flow_numbers *f, audit_report *r);

/* Add the difference to another flow on the same points, matched by x where
 * both have it; a file of others stops the program with status 2. */
void audit_compare(const flow_numbers *f, const char *second, audit_report *r);

/* C2.8: add the overfitting meter; train: file of training rows, or NULL. */
void audit_overfitting(const flow_numbers *f, const char *train,
                       audit_report *r);

/* The report in words, on stdout. */
void audit_print(const flow_numbers *f, const audit_report *r);

/* The exact tests of z ~ N(0, I), each at level; how many of them fail.
 * report may be NULL.  audit_law_tests says how many they are. */
size_t audit_law(size_t n, size_t d, const double *z, double level,
                 audit_report *r);
size_t audit_law_tests(size_t d);
/* Kolmogorov's distance of n values from Gamma(d/2, 1). */
double audit_gamma_distance(size_t n, size_t d, const double *v);
double audit_distance_allowed(size_t n, double level);

/* The table of a report: its columns and rows. */
#define audit_columns                                                          \
    "file,check,claim,measured,expected,tolerance,verdict,diagnosis"
void audit_rows(jf_table *out, size_t point, const flow_numbers *f,
                const audit_report *r);

const char *hypothesis_name(const hypothesis *h);
const char *hypothesis_claim(const hypothesis *h);
/* What it says, with its parameter, and where the mistake is. */
void hypothesis_say(const hypothesis *h, const flow_numbers *f,
                    const audit_report *r, jf_text *text);

#endif
