/* report.h -- what the parts of the report share. */
#ifndef TOOLS_REPORT_H
#define TOOLS_REPORT_H

#include "files.h"
#include "found.h"

typedef struct {
    const char *dir, *plots;
    const char *lasting;      /* folder of tables that take hours */
    char **tables, **figures; /* names without suffix */
    size_t table_count, figure_count;
    char *shown_tables, *shown_figures; /* by number: 1 once in the report */
    size_t drawn;                       /* figures in the report so far */
    size_t limit; /* drawings of more bytes go in as pixels, if that is less */
    jf_text missing; /* "figure NAME" or "table NAME" lines */
    size_t open;     /* numbers that answers lack */
    int check;       /* say each of them */
    jf_text html;
    verdict_rows verdicts;
} report;

/* html.c: text with &, <, > and " made harmless. */
void escape(jf_text *b, const char *text);
/* The same, the ids of claims being links. */
void add_linked(jf_text *b, const char *text);
void add_number(jf_text *b, const char *field); /* short, escaped */

/* report_answers.c: text with its {...} filled in, as claims.def says; 0, or
 * the number of those that nothing answers (an ellipsis stands for each). */
size_t fill_in(report *r, jf_text *b, const char *text);

/* A line of missing, once. */
void note_missing(report *r, const char *kind, const char *name, size_t length);

/* report_figures.c: a figure or table by name, or a link when it is in the
 * report already; a note and a line of missing when there is none. */
void add_figure(report *r, const char *name, size_t length);
void add_table(report *r, const char *name, size_t length);
int has_figure(const report *r, const char *name, size_t length);
int has_table(const report *r, const char *name, size_t length);
/* A table by its path, folded: its first rows and its header lines. */
void add_folded(report *r, const char *path, const char *name);

/* report_verdicts.c */
void add_counts(report *r, const char *id);
void add_verdict_table(report *r);
void add_claim_rows(report *r, const claim *c);
/* What to type for the rows of a program. */
void add_command(jf_text *b, const verdict_row *row);

/* report_claims.c: the headline, the abstract, a section for each claim. */
void add_headline(report *r);
void add_abstract(report *r);
void add_claims(report *r);
/* The table of the README, for the mark-up of that file. */
void add_readme(jf_text *b, const verdict_rows *list);

/* report_calibration.c: how verdicts fall over seeds, where there is a table of
 * that. */
int has_calibration(const report *r);
void add_calibration(report *r);

/* report_environment.c: precision, libraries, profile, times and budgets. */
void add_environment(report *r);

/* report_check.c: what the claims, the verdicts, the figures and the text of
 * the report owe each other: 0, or the number of debts, a line each. */
size_t check_claims(report *r);

#endif
