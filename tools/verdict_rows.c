#include "verdict_rows.h"

#include "claims.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const row_columns[ROW_FIELDS] = {
    "id",           "kind",    "statement", "hypotheses",
    "method",       "broken",  "measured",  "expected",
    "tolerance",    "law",     "p_value",   "detectable",
    "broken_error", "control", "verdict",   "program"};

const char *const verdict_names[VERDICTS] = {"certified", "certified example",
                                             "verified",  "measured",
                                             "refuted",   "undecided"};

const char *const row_kinds[ROW_KINDS] = {
    "theorem",   "example",      "measurement", "identity",
    "statistic", "optimisation", "wording"};

int is_as_stated(int verdict)
{
    return verdict < REFUTED;
}

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
    const verdict_row *p = a, *q = b;
    int order = natural(p->field[ROW_ID], q->field[ROW_ID]);
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

char *header_value(const char *text, const char *name)
{
    size_t n = strlen(name);
    for (const char *line = text; line && *line == '#';) {
        const char *word = line + 1 + strspn(line + 1, " ");
        size_t length = strcspn(word, "\r\n");
        if (strncmp(word, name, n) == 0 && word[n] == ':') {
            size_t start = n + 1 + strspn(word + n + 1, " ");
            char *value = must(calloc(length + 1, 1));
            if (length > start)
                memcpy(value, word + start, length - start);
            jf_one_line(value);
            return value;
        }
        const char *end = strchr(line, '\n');
        line = end ? end + 1 : NULL;
    }
    return NULL;
}

char *not_run_in(const char *path)
{
    char *text = read_if_there(path, NULL);
    char *why = header_value(text, "not run");
    free(text);
    return why;
}

/* Proofs say which Arb they are made with. */
static void read_header(verdict_rows *list, const char *path, int *proof)
{
    char *text = read_if_there(path, NULL);
    char *arb = header_value(text, "arb");
    char *options = header_value(text, "options");
    *proof = arb != NULL;
    list->options[list->table_count] = options;
    free(arb);
    free(text);
}

/* The rows of one table; -1 when it is no table of verdicts. */
static int add_rows(verdict_rows *list, const jf_texts *t, const char *path)
{
    size_t column[ROW_FIELDS];
    int proof;
    read_header(list, path, &proof);
    for (size_t k = 0; k < ROW_FIELDS; k++) {
        column[k] = jf_texts_column(t, row_columns[k]);
        if (column[k] == t->columns) {
            complain("%s: no column %s", path, row_columns[k]);
            return -1;
        }
    }
    list->rows =
        must(realloc(list->rows, (list->count + t->rows) * sizeof *list->rows));
    for (size_t i = 1; i < t->rows; i++) {
        verdict_row *row = &list->rows[list->count];
        row->order = list->count++;
        row->options = list->options[list->table_count];
        row->proof = proof;
        for (size_t k = 0; k < ROW_FIELDS; k++)
            row->field[k] = jf_texts_field(t, i, column[k]);
        row->verdict = known_verdict(row->field[ROW_VERDICT]);
        if (row->verdict == VERDICTS) {
            complain("%s: claim %s: no such verdict: %s", path,
                     row->field[ROW_ID], row->field[ROW_VERDICT]);
            return -1;
        }
    }
    return 0;
}

int verdict_rows_read(verdict_rows *list, const char *dir)
{
    *list = (verdict_rows){0};
    size_t files;
    int status = 0;
    char **names = list_files(dir, "verdicts", ".csv", &files);
    list->tables = must(calloc(files + 1, sizeof *list->tables));
    list->options = must(calloc(files + 1, sizeof *list->options));
    char *folder = join(dir, "verdicts", "");
    for (size_t i = 0; i < files; i++) {
        char *path = join(folder, names[i], ".csv");
        jf_texts *t = &list->tables[list->table_count];
        if (read_texts(path, t) != 0) {
            status = -1;
        } else {
            if (add_rows(list, t, path) < 0)
                status = -1;
            list->table_count++;
        }
        free(path);
    }
    free(folder);
    free_list(names, files);
    if (list->count > 1)
        qsort(list->rows, list->count, sizeof *list->rows, by_id);
    return status;
}

void verdict_rows_free(verdict_rows *list)
{
    for (size_t i = 0; i < list->table_count; i++)
        jf_texts_free(&list->tables[i]);
    for (size_t i = 0; i < list->table_count; i++)
        free(list->options[i]);
    free(list->options);
    free(list->tables);
    free(list->rows);
    *list = (verdict_rows){0};
}

void verdict_rows_count(const verdict_rows *list, const char *id,
                        size_t counts[VERDICTS])
{
    for (int v = 0; v < VERDICTS; v++)
        counts[v] = 0;
    for (size_t i = 0; i < list->count; i++) {
        const verdict_row *row = &list->rows[i];
        if (row->verdict < VERDICTS && (!id || is_of(row->field[ROW_ID], id)))
            counts[row->verdict]++;
    }
}

const char *not_run(const verdict_row *row)
{
    static const char begin[] = "not run: ";
    const char *method = row->field[ROW_METHOD];
    return strncmp(method, begin, strlen(begin)) == 0 ? method + strlen(begin)
                                                      : NULL;
}

/* "[0.4327 +/- 3e-27]" and what may follow it: its middle. */
static const char *middle(const char *field, char text[48])
{
    size_t n = strcspn(field + 1, " ");
    double value;
    if (strncmp(field + 1, "+/-", 3) == 0)
        return "0";
    if (n == 0 || n >= 47)
        return field;
    memcpy(text, field + 1, n);
    text[n] = '\0';
    if (is_number(text, &value))
        snprintf(text, 48, "%.10g", value);
    return text;
}

const char *short_number(const char *field, char text[48])
{
    double value;
    int bound = field[0] && strchr("<>", field[0]) &&
                strncmp(field + 1, "= ", 2) == 0; /* "<= 0.5" */
    if (field[0] == '[')
        return middle(field, text);
    if (!is_number(bound ? field + 3 : field, &value))
        return field;
    snprintf(text, 48, "%.*s%.6g", bound ? 3 : 0, field, value);
    return text;
}
