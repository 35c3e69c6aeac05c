/* claims.h -- the claims of theory/claims.def as tables. */
#ifndef TOOLS_CLAIMS_H
#define TOOLS_CLAIMS_H

#include <stddef.h>

/* Lists with a blank between: groups, figures, tables. */
typedef struct {
    const char *question, *groups, *answer;
} claim_question;

typedef struct {
    const char *id, *title, *question, *answer;
} claim_group;

typedef struct {
    const char *id, *title, *statement, *hypotheses, *refuted, *repaired,
        *figures, *tables, *answer;
} claim;

typedef struct {
    const char *id, *claim, *what;
    int wording; /* taken literally, to be refuted */
} claim_part;

typedef struct {
    const char *id, *why;
} claim_no_rows;

/* literal, limits and support: rows, as next_reference reads them; claims: ids
 * with a blank between. */
typedef struct {
    const char *wording, *literal, *limits, *support, *refuted, *repaired,
        *lead, *phrase, *claims, *figure, *failing, *number;
} claim_abstract;

typedef struct {
    const char *id, *symbol, *meaning;
} claim_notation;

typedef struct {
    const char *name, *question, *answer;
} claim_figure;

/* Each ends with a row of NULL. */
extern const claim_question claim_questions[];
extern const claim_group claim_groups[];
extern const claim all_claims[];
extern const claim_part claim_parts[];
extern const claim_no_rows claims_without_rows[];
extern const claim_abstract claim_abstracts[];
extern const claim_notation claim_notations[];
extern const claim_figure claim_figures[];

/* What is said of a figure, or NULL. */
const claim_figure *claim_figure_of(const char *name);

/* The claim that id is, or is a part of; NULL when there is none. */
const claim *claim_of(const char *id);

/* The next id of a claim in a text, its length in *length; NULL at its end.
 * An id is C, digits, a dot and letters or digits, all that it looks like. */
const char *next_id(const char *text, size_t *length);

/* Whether id is that of the claim, or of a part of it. */
int is_of(const char *id, const char *claim_id);

/* Whether the claim is of the group: C1.3 of C1, C8 of C8. */
int is_in_group(const char *claim_id, const char *group_id);

/* The next word of a list, and its length; NULL at the end.  list moves on. */
const char *next_word(const char **list, size_t *length);
int has_word(const char *list, const char *word);

/* Rows that an ABSTRACT entry names: those of id whose statement begins with
 * begin, length bytes. */
typedef struct {
    char id[16];
    const char *begin;
    size_t length;
    int optional; /* not every run has them */
} row_reference;

/* The next of a list; 0 at its end.  list moves on. */
int next_reference(const char **list, row_reference *r);

#endif
