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
    char *shown_tables; /* by number: 1 once in the report */
    char **boxes; /* by number of the figure: where it is drawn, its viewBox */
    size_t limit; /* drawings of more bytes go in as pixels, if that is less */
    jf_text missing; /* "figure NAME" or "table NAME" lines */
    size_t open;     /* numbers that answers lack */
    int check;       /* say each of them */
    jf_text html;
    verdict_rows verdicts;
} report;

/* html.c: text with &, <, > and " made harmless. */
void escape(jf_text *b, const char *text);
/* The same, the ids of claims being links and formulas MathML. */
void add_linked(jf_text *b, const char *text);
void add_number(jf_text *b, const char *field); /* short, escaped */
/* A field of a table in Markdown, which a bar would end; formulas stand without
 * their marks. */
void add_markdown(jf_text *b, const char *text);
/* "1.2e-09" with its power of ten; any other text escaped. */
void add_decimal(jf_text *b, const char *number);

/* report_answers.c: text with its {...} filled in, as claims.def says; 0, or
 * the number of those that nothing answers (an ellipsis stands for each). */
size_t fill_in(report *r, jf_text *b, const char *text);

/* report_parts.c: chapters that no claim owns, by the name that their tables
 * begin with, up to one without a name; whether there are such tables; whether
 * a file is of that name (audit-rows and audit belong to audit); whether a
 * figure is of a chapter without tables, or none at all. */
typedef struct {
    const char *name, *title, *question;
} chapter;
extern const chapter chapters[];
int has_chapter(const report *r, const char *name);
int belongs(const char *file, const char *name);
int is_left_out(const report *r, const char *figure);
/* The place of a name among count, or count. */
size_t find_name(char *const *names, size_t count, const char *name,
                 size_t length);
int has_figure(const report *r, const char *name, size_t length);
int has_table(const report *r, const char *name, size_t length);
/* Whether there is such a table among those that take hours. */
int has_lasting(const report *r, const char *name);
/* A line of missing, once. */
void note_missing(report *r, const char *kind, const char *name, size_t length);

/* report_figures.c: a figure of the gallery by its number; all of them, in the
 * order of claims.def, behind a heading; and in another place its picture
 * alone, with a link to the gallery. */
void add_gallery(report *r);
void add_picture(report *r, const char *name, const char *why);
/* The comment that its script begins with, but for a line "#!" or "NAME.gp --";
 * the caller frees it. */
char *caption_of(const report *r, const char *name);
/* Where it stands in the gallery, from 1; 0 when it does not. */
size_t figure_number(const report *r, const char *name);
void link_figures(report *r, const char *list);
/* A table by name, or a link when it is in the report already; a note and a
 * line of missing when there is none. */
void add_table(report *r, const char *name, size_t length);
/* A table by its path, folded: its first rows and its header lines. */
void add_folded(report *r, const char *path, const char *name);

/* report_verdicts.c */
void add_counts(report *r, const char *id);
void add_verdict_table(report *r);
void add_claim_rows(report *r, const claim *c);

/* report_abstract.c: the abstract in words of our own, phrase by phrase; the
 * notation; what is checked by which figure and command. */
void add_abstract(report *r);
void add_notation(report *r);
void add_checked(report *r);

/* report_claims.c: four answers; a section for each claim. */
void add_headline(report *r);
void add_claims(report *r);
/* The table of the README, for the mark-up of that file. */
void add_readme(jf_text *b, const verdict_rows *list);

/* report_calibration.c: how verdicts fall over seeds, where there is a table of
 * that. */
void add_calibration(report *r);
/* Header lines of a table that has such, by their names with commas between. */
void add_lasting_header(jf_text *b, const char *path, const char *names);

/* report_endurance.c: how long training lasts, likewise. */
void add_endurance(report *r);

/* report_peers.c: what other libraries' log-determinants are, likewise. */
void add_peers(report *r);

/* report_words.c: what is said of their layers, which may be nothing; the number
 * of the words on one, or 0; all of them as a list; figure peers-flows, with
 * marks that lead there. */
typedef struct peer_words peer_words;
peer_words *open_words(const report *r);
void close_words(peer_words *w);
size_t words_on(const peer_words *w, const char *library, const char *layer);
void add_words(const peer_words *w, jf_text *b);
void add_peers_drawing(const report *r, jf_text *b, const char *svg,
                       const char *name);

/* report_environment.c: precision, libraries, profile, times and budgets; what
 * to type for the rows of a program. */
void add_command(jf_text *b, const verdict_row *row);
void add_environment(report *r);
/* What a program was run with, when and where: options, commit, seconds and
 * processor, as far as they are known. */
void add_made(report *r, const char *program);

/* A column of a program's last run, as tools/one_line.sh notes it, or NULL; the
 * caller frees it. */
char *timing(const report *r, const char *program, const char *column);

/* report_reproduce.c: docs/reproduce.md. */
void add_reproduction(const report *r, jf_text *b);

/* report_tables.c: docs/tables.md, by the descriptions of columns at path: 0, or
 * how many are wanting or too many, a line on stdout each. */
size_t add_tables(const report *r, jf_text *b, const char *path);

/* report_check.c: what the claims, the verdicts, the figures and the text of
 * the report owe each other: 0, or the number of debts, a line each. */
size_t check_claims(report *r);

#endif
