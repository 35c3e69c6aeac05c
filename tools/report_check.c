/* report_check.c -- do claims, verdicts, figures and answers fit together? */
#include "mathml.h"
#include "report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static size_t owe(const char *what, const char *id, const char *why)
{
    printf("%s %s: %s\n", what, id, why);
    return 1;
}

static size_t check_rows(const report *r)
{
    size_t debts = 0;
    for (size_t i = 0; i < r->verdicts.count; i++) {
        const char *id = r->verdicts.rows[i].field[ROW_ID];
        if (!claim_of(id))
            debts += owe("verdict on", id, "no such id in claims.def");
    }
    return debts;
}

static size_t rows_of(const report *r, const char *id, int verdict)
{
    size_t count = 0;
    for (size_t i = 0; i < r->verdicts.count; i++) {
        const verdict_row *row = &r->verdicts.rows[i];
        count += strcmp(row->field[ROW_ID], id) == 0 &&
                 (verdict < 0 || row->verdict == verdict);
    }
    return count;
}

/* Each claim has rows, its own or of its parts, or says why it has none. */
static size_t check_ids(const report *r)
{
    size_t counts[VERDICTS], debts = 0;
    for (const claim *c = all_claims; c->id; c++) {
        size_t sum = 0, excused = 0;
        verdict_rows_count(&r->verdicts, c->id, counts);
        for (int v = 0; v < VERDICTS; v++)
            sum += counts[v];
        for (const claim_no_rows *w = claims_without_rows; w->id; w++)
            excused += strcmp(w->id, c->id) == 0;
        if (sum == 0 && !excused)
            debts += owe("claim", c->id, "no verdict row, and no reason");
        if (sum > 0 && excused)
            debts += owe("claim", c->id, "verdict rows, and a reason for none");
    }
    for (const claim_part *p = claim_parts; p->id; p++) {
        if (rows_of(r, p->id, -1) == 0)
            debts += owe("part", p->id, "no verdict row");
        else if (p->wording && rows_of(r, p->id, REFUTED) == 0)
            debts += owe("wording", p->id, "is not refuted");
        if (!claim_of(p->claim))
            debts += owe("part", p->id, "of no claim");
    }
    return debts;
}

/* The ids in a text are those of claims.def. */
static size_t check_text(const char *owner, const char *text)
{
    size_t debts = 0, n;
    for (const char *at; (at = next_id(text, &n)); text = at + n) {
        char id[16] = "";
        memcpy(id, at, n < sizeof id ? n : sizeof id - 1);
        if (!claim_of(id))
            debts += owe(owner, id, "named, but no such id in claims.def");
    }
    return debts;
}

/* Every formula of a text can be read, and every dollar sign has its second. */
static size_t check_formulas(const char *owner, const char *text)
{
    char why[MATHML_WHY];
    size_t debts = 0, n;
    jf_text b = {0};
    for (const char *f; (f = mathml_next(text, &n)); text = f + n + 1)
        if (mathml_add(&b, f, n, why) < 0)
            debts += owe(owner, "formula", why);
    if (strchr(text, '$'))
        debts += owe(owner, "formula", "a dollar sign without its second");
    free(b.data);
    return debts;
}

static size_t check_all_formulas(const report *r)
{
    static const char *const texts[] = {
#define QUESTION(question, groups, answer) answer,
#define GROUP(id, title, question, answer) question, answer,
#define CLAIM(id, title, statement, hypotheses, refuted, repaired, figures,    \
              tables, answer)                                                  \
    title, statement, hypotheses, refuted, repaired, answer,
#define PART(id, claim, what) what,
#define WORDING(id, claim, wording) wording,
#define NO_ROWS(id, why) why,
#define NOTATION(id, symbol, meaning) symbol, meaning,
#define FIGURE(name, question, answer) question, answer,
#define ABSTRACT(wording, literal, limits, support, refuted, repaired, lead,   \
                 phrase, claims, figure, failing, number)                      \
    refuted, repaired, number,
#include "../theory/claims.def"
    };
    size_t debts = 0;
    for (size_t k = 0; k < sizeof texts / sizeof *texts; k++)
        debts += check_formulas("claims.def", texts[k]);
    for (size_t k = 0; k < r->figure_count; k++) {
        char *caption = caption_of(r, r->figures[k]);
        if (!is_left_out(r, r->figures[k]))
            debts += check_formulas(r->figures[k], caption);
        free(caption);
    }
    return debts;
}

static size_t check_texts(void)
{
    size_t debts = 0;
    for (const claim *c = all_claims; c->id; c++) {
        const char *texts[] = {c->refuted, c->repaired, c->answer};
        for (size_t k = 0; k < 3; k++)
            debts += check_text(c->id, texts[k]);
    }
    for (const claim_abstract *a = claim_abstracts; a->wording; a++) {
        debts += check_text("abstract", a->refuted);
        debts += check_text("abstract", a->repaired);
        debts += check_text("abstract", a->claims);
    }
    return debts;
}

/* The rows that an entry names are there, but for those that not every run
 * has. */
static size_t check_references(const report *r, const char *list)
{
    size_t debts = 0;
    row_reference named;
    while (next_reference(&list, &named)) {
        size_t rows = 0;
        for (size_t i = 0; i < r->verdicts.count; i++)
            rows += (size_t)is_named(&r->verdicts.rows[i], &named);
        if (!claim_of(named.id))
            debts += owe("abstract", named.id, "no such id in claims.def");
        else if (rows == 0 && !named.optional)
            debts += owe("abstract", named.id,
                         "it rests on rows that are not "
                         "there");
    }
    return debts;
}

static size_t check_abstract(const report *r)
{
    size_t debts = 0;
    for (const claim_abstract *a = claim_abstracts; a->wording; a++) {
        const char *lists[] = {a->literal, a->limits, a->support};
        for (size_t k = 0; k < 3; k++)
            debts += check_references(r, lists[k]);
    }
    return debts;
}

static size_t check_answers(report *r)
{
    jf_text text = {0};
    size_t debts = 0;
    for (const claim_question *q = claim_questions; q->question; q++)
        debts += fill_in(r, &text, q->answer);
    for (const claim_group *g = claim_groups; g->id; g++)
        debts += fill_in(r, &text, g->answer);
    for (const claim_figure *f = claim_figures; f->name; f++)
        if (has_figure(r, f->name, strlen(f->name)))
            debts += fill_in(r, &text, f->answer);
    for (const claim_abstract *a = claim_abstracts; a->wording; a++)
        debts += fill_in(r, &text, a->number);
    for (const claim *c = all_claims; c->id; c++) {
        size_t open = fill_in(r, &text, c->answer);
        if (open > 0)
            debts += open + owe("claim", c->id,
                                "a number in its answer has "
                                "no source");
    }
    free(text.data);
    return debts;
}

/* Every word of the lists is among names, and every name in a list. */
static size_t check_list(const report *r, const char *id, const char *list,
                         const char *kind,
                         int (*has)(const report *, const char *, size_t))
{
    size_t n, debts = 0;
    for (const char *word; (word = next_word(&list, &n));) {
        if (has(r, word, n))
            continue;
        printf("claim %s: no %s %.*s\n", id, kind, (int)n, word);
        debts++;
    }
    return debts;
}

static size_t check_figures(const report *r)
{
    static const char *const free_standing[] = {
        "style",       "throughput-", "scaling-",   "audit",
        "calibration", "endurance-",  "peers-flows"};
    enum { FREE = sizeof free_standing / sizeof *free_standing };
    size_t debts = 0;
    for (const claim *c = all_claims; c->id; c++) {
        debts += check_list(r, c->id, c->figures, "figure", has_figure);
        debts += check_list(r, c->id, c->tables, "table", has_table);
    }
    for (size_t i = 0; i < r->figure_count; i++) {
        int owned = 0;
        for (const claim *c = all_claims; c->id; c++)
            owned = owned || has_word(c->figures, r->figures[i]);
        for (size_t k = 0; k < FREE; k++)
            owned = owned || strncmp(r->figures[i], free_standing[k],
                                     strlen(free_standing[k])) == 0;
        if (!owned)
            debts += owe("figure", r->figures[i], "of no claim");
        if (!claim_figure_of(r->figures[i]) &&
            strcmp(r->figures[i], "style") != 0)
            debts += owe("figure", r->figures[i],
                         "no question and answer in claims.def");
    }
    return debts;
}

size_t check_claims(report *r)
{
    return check_rows(r) + check_ids(r) + check_texts() +
           check_all_formulas(r) + check_abstract(r) + check_answers(r) +
           check_figures(r);
}
