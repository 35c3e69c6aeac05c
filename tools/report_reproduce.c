/* report_reproduce.c -- docs/reproduce.md: what to type for each claim, how long
 * it takes, and the number that is expected. */
#include "report.h"

#include <stdlib.h>
#include <string.h>

/* The row whose number stands for a claim: the one that its answer names first,
 * or else its first. */
static const verdict_row *headline_row(const report *r, const claim *c)
{
    const verdict_row *first = NULL;
    char id[16] = "", begin[96] = "";
    const char *at = strstr(c->answer, "{measured|");
    if (at) {
        at += strlen("{measured|");
        size_t n = strcspn(at, "|"), m = strcspn(at + n + 1, "}");
        memcpy(id, at, n < sizeof id ? n : sizeof id - 1);
        memcpy(begin, at + n + 1, m < sizeof begin ? m : sizeof begin - 1);
    }
    for (size_t i = 0; i < r->verdicts.count; i++) {
        const verdict_row *row = &r->verdicts.rows[i];
        if (!is_of(row->field[ROW_ID], c->id))
            continue;
        if (at && strcmp(row->field[ROW_ID], id) == 0 &&
            strncmp(row->field[ROW_STATEMENT], begin, strlen(begin)) == 0)
            return row;
        first = first ? first : row;
    }
    return first;
}

/* The programs that wrote rows of the claim, each once, and their seconds. */
static double add_programs(const report *r, jf_text *b, const claim *c)
{
    double sum = 0;
    jf_text names = {0};
    jf_text_add(&names, " ");
    for (size_t i = 0; i < r->verdicts.count; i++) {
        const verdict_row *row = &r->verdicts.rows[i];
        jf_text word = {0};
        jf_text_add(&word, " %s ", row->field[ROW_PROGRAM]);
        if (is_of(row->field[ROW_ID], c->id) &&
            !strstr(names.data, word.data)) {
            double seconds;
            char *value = timing(r, row->field[ROW_PROGRAM], "seconds");
            sum += value && is_number(value, &seconds) ? seconds : 0;
            jf_text_add(&names, "%s ", row->field[ROW_PROGRAM]);
            free(value);
        }
        free(word.data);
    }
    jf_text_bytes(b, names.data + 1, names.length > 1 ? names.length - 2 : 0);
    free(names.data);
    return sum;
}

void add_reproduction(const report *r, jf_text *b)
{
    jf_text_add(
        b,
        "# What to type for one claim\n\n"
        "`make reproduce CLAIM=C1.3` runs afresh the programs that the claim "
        "needs, in the\nquick profile, prints its rows, and compares the "
        "tables with those of\n`results/reference`. Minutes are of the machine "
        "that made this file (`make docs`);\nthe number is that of the row "
        "that the claim's answer begins with, and may differ\nelsewhere "
        "within its tolerance. `make reproduce` without a claim runs all.\n\n"
        "| claim | command | programs | minutes | what is measured | number | "
        "expected | tolerance |\n|---|---|---|---|---|---|---|---|\n");
    for (const claim *c = all_claims; c->id; c++) {
        const verdict_row *row = headline_row(r, c);
        char number[48];
        if (!row)
            continue;
        jf_text_add(b, "| %s | `make reproduce CLAIM=%s` | ", c->id, c->id);
        double seconds = add_programs(r, b, c);
        jf_text_add(b, " | %.1f | ", seconds < 6 ? .1 : seconds / 60);
        add_markdown(b, row->field[ROW_STATEMENT]);
        static const int fields[] = {ROW_MEASURED, ROW_EXPECTED, ROW_TOLERANCE};
        for (size_t k = 0; k < 3; k++) {
            jf_text_add(b, " | ");
            add_markdown(b, short_number(row->field[fields[k]], number));
        }
        jf_text_add(b, " |\n");
    }
}
