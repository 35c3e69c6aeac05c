#include "claims.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const claim_columns[CLAIM_FIELDS] = {
    "id",       "statement", "hypotheses", "method", "measured",
    "expected", "tolerance", "verdict",    "program"};

const char *const verdict_names[VERDICTS] = {"certified", "verified", "refuted",
                                             "undecided"};

/* Runs of digits compare as numbers. */
static int natural(const char *a, const char *b)
{
    while (*a && *b) {
        if (isdigit((unsigned char)*a) && isdigit((unsigned char)*b)) {
            char *a_end, *b_end;
            unsigned long m = strtoul(a, &a_end, 10);
            unsigned long n = strtoul(b, &b_end, 10);
            if (m != n)
                return m < n ? -1 : 1;
            a = a_end;
            b = b_end;
        } else if (*a != *b) {
            break;
        } else {
            a++;
            b++;
        }
    }
    return (unsigned char)*a - (unsigned char)*b;
}

static int by_id(const void *a, const void *b)
{
    const claim *p = a, *q = b;
    int order = natural(p->field[CLAIM_ID], q->field[CLAIM_ID]);
    if (order != 0)
        return order;
    return p->order < q->order ? -1 : 1;
}

static int known_verdict(const char *text)
{
    int v = 0;
    while (v < VERDICTS && strcmp(text, verdict_names[v]) != 0)
        v++;
    return v;
}

/* The rows of one table; -1 when it is no table of verdicts. */
static int add_rows(claims *list, const csv *t, const char *path)
{
    size_t column[CLAIM_FIELDS];
    for (size_t k = 0; k < CLAIM_FIELDS; k++) {
        column[k] = csv_column(t, claim_columns[k]);
        if (column[k] == t->columns) {
            fprintf(stderr, "%s: no column %s\n", path, claim_columns[k]);
            return -1;
        }
    }
    list->rows =
        must(realloc(list->rows, (list->count + t->rows) * sizeof *list->rows));
    for (size_t i = 1; i < t->rows; i++) {
        claim *row = &list->rows[list->count];
        row->order = list->count++;
        for (size_t k = 0; k < CLAIM_FIELDS; k++)
            row->field[k] = csv_field(t, i, column[k]);
        if (known_verdict(row->field[CLAIM_VERDICT]) == VERDICTS) {
            fprintf(stderr, "%s: claim %s: no such verdict: %s\n", path,
                    row->field[CLAIM_ID], row->field[CLAIM_VERDICT]);
            return -1;
        }
    }
    return 0;
}

int claims_read(claims *list, const char *dir)
{
    *list = (claims){0};
    size_t files;
    int status = 0;
    char **names = list_files(dir, "verdicts", ".csv", &files);
    list->tables = must(calloc(files + 1, sizeof *list->tables));
    char *folder = join(dir, "verdicts", "");
    for (size_t i = 0; i < files; i++) {
        char *path = join(folder, names[i], ".csv");
        csv *t = &list->tables[list->table_count];
        if (csv_read(t, path) < 0) {
            status = -1;
        } else {
            list->table_count++;
            if (add_rows(list, t, path) < 0)
                status = -1;
        }
        free(path);
    }
    free(folder);
    free_list(names, files);
    if (list->count > 1)
        qsort(list->rows, list->count, sizeof *list->rows, by_id);
    return status;
}

void claims_free(claims *list)
{
    for (size_t i = 0; i < list->table_count; i++)
        csv_free(&list->tables[i]);
    free(list->tables);
    free(list->rows);
    *list = (claims){0};
}

void claims_count(const claims *list, size_t counts[VERDICTS])
{
    for (int v = 0; v < VERDICTS; v++)
        counts[v] = 0;
    for (size_t i = 0; i < list->count; i++) {
        int v = known_verdict(list->rows[i].field[CLAIM_VERDICT]);
        if (v < VERDICTS)
            counts[v]++;
    }
}

const char *short_number(const char *field, char text[32])
{
    double value;
    int bound = field[0] && strchr("<>", field[0]) &&
                strncmp(field + 1, "= ", 2) == 0; /* "<= 0.5" */
    if (!csv_number(bound ? field + 3 : field, &value))
        return field;
    snprintf(text, 32, "%.*s%.6g", bound ? 3 : 0, field, value);
    return text;
}
