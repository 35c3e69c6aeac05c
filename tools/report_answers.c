/* report_answers.c -- the numbers in the answers of claims.def. */
#include "report.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The parts of one {...}: KIND|A|B, and the condition NAME=VALUE of a table.
 * What follows the second bar of a verdict's field may hold bars itself. */
typedef struct {
    char text[256];
    const char *kind, *a, *b, *name, *value;
} question;

static char *cut(char *at, char mark)
{
    char *found = at ? strchr(at, mark) : NULL;
    if (!found)
        return NULL;
    *found = '\0';
    return found + 1;
}

static int is_number_of_rows(const char *kind)
{
    return strcmp(kind, "rows") == 0;
}

static int is_field(const char *kind)
{
    return strcmp(kind, "measured") == 0 || strcmp(kind, "size") == 0 ||
           strcmp(kind, "expected") == 0 || strcmp(kind, "tolerance") == 0;
}

static int parse(question *q, const char *from, size_t length)
{
    char *rest;
    if (length >= sizeof q->text)
        return -1;
    memcpy(q->text, from, length);
    q->text[length] = '\0';
    q->kind = q->text;
    q->a = rest = cut(q->text, '|');
    q->b = rest = cut(rest, '|');
    q->name = q->value = NULL;
    if (!is_field(q->kind) && !is_number_of_rows(q->kind)) {
        q->name = rest = cut(rest, '|');
        q->value = cut(rest, '=');
    }
    return q->a ? 0 : -1;
}

static int count_rows(const report *r, jf_text *b, const question *q)
{
    size_t count = 0;
    for (size_t i = 0; i < r->verdicts.count; i++) {
        const verdict_row *row = &r->verdicts.rows[i];
        int is = !q->b || strcmp(row->field[ROW_VERDICT], q->b) == 0 ||
                 (row->verdict == CERTIFIED_EXAMPLE &&
                  strcmp(verdict_names[CERTIFIED], q->b) == 0);
        count += (size_t)(is && is_of(row->field[ROW_ID], q->a));
    }
    jf_text_add(b, "%zu", count);
    return 0;
}

/* Rows of experiments go before those of proofs. */
static const verdict_row *find_row(const report *r, const question *q)
{
    const verdict_row *found = NULL;
    for (size_t i = 0; q->b && i < r->verdicts.count; i++) {
        const verdict_row *row = &r->verdicts.rows[i];
        if (strcmp(row->field[ROW_ID], q->a) != 0 ||
            strncmp(row->field[ROW_STATEMENT], q->b, strlen(q->b)) != 0)
            continue;
        if (!row->proof)
            return row;
        found = found ? found : row;
    }
    return found;
}

/* *why: the reason when it was not run, which the caller frees. */
static int find_field(const report *r, jf_text *b, const question *q,
                      char **why)
{
    const verdict_row *row = find_row(r, q);
    int which = q->kind[0] == 'e'   ? ROW_EXPECTED
                : q->kind[0] == 't' ? ROW_TOLERANCE
                                    : ROW_MEASURED;
    double value;
    if (!row)
        return -1;
    if (not_run(row)) {
        *why = must(strdup(not_run(row)));
        return 0;
    }
    if (is_number(row->field[which], &value)) {
        value = q->kind[0] == 's' ? fabs(value) : value;
        char number[32];
        snprintf(number, sizeof number, fabs(value) < 1e-4 ? "%.2g" : "%.5g",
                 value);
        add_decimal(b, number);
    } else {
        add_number(b, row->field[which]);
    }
    return 0;
}

static int by_value(const void *a, const void *b)
{
    const double *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

/* The numbers of a column in the rows that meet the condition. */
static double *numbers_of(const jf_texts *t, const question *q, size_t *count)
{
    double *values = must(calloc(t->rows + 1, sizeof *values));
    size_t column = jf_texts_column(t, q->b);
    size_t other = q->value ? jf_texts_column(t, q->name) : 0;
    *count = 0;
    if (column == t->columns || other == t->columns)
        return values;
    for (size_t i = 1; i < t->rows; i++) {
        double value;
        if (q->value && strcmp(jf_texts_field(t, i, other), q->value) != 0)
            continue;
        if (is_number(jf_texts_field(t, i, column), &value) && isfinite(value))
            values[(*count)++] = value;
    }
    qsort(values, *count, sizeof *values, by_value);
    return values;
}

static int ask_table(const report *r, jf_text *b, const question *q, char **why)
{
    jf_texts t;
    size_t count;
    if (!q->b || !has_table(r, q->a, strlen(q->a)))
        return -1;
    char *path = join(r->dir, q->a, ".csv");
    int status = read_texts(path, &t);
    if (status == 0)
        *why = not_run_in(path);
    free(path);
    if (status != 0)
        return -1;
    double *values = numbers_of(&t, q, &count);
    jf_texts_free(&t);
    status = count > 0 ? 0 : -1;
    if (status == 0) {
        free(*why); /* of other rows */
        *why = NULL;
    }
    if (strcmp(q->kind, "count") == 0)
        jf_text_add(b, "%zu", count);
    else if (status == 0 && strcmp(q->kind, "min") == 0)
        jf_text_add(b, "%.4g", values[0]);
    else if (status == 0 && strcmp(q->kind, "max") == 0)
        jf_text_add(b, "%.4g", values[count - 1]);
    else if (status == 0 && strcmp(q->kind, "median") == 0)
        jf_text_add(b, "%.4g", values[count / 2]);
    else
        status = -1;
    free(values);
    return status;
}

static int answer(const report *r, jf_text *b, const char *from, size_t length,
                  char **why)
{
    question q;
    if (parse(&q, from, length) < 0)
        return -1;
    if (is_number_of_rows(q.kind))
        return count_rows(r, b, &q);
    if (is_field(q.kind))
        return find_field(r, b, &q, why);
    return ask_table(r, b, &q, why);
}

/* One sentence; *why as above, of the first of its numbers that has one. */
static size_t fill_sentence(report *r, jf_text *b, const char *text,
                            const char *last, char **why)
{
    size_t open = 0;
    for (const char *end; text < last; text = end) {
        size_t n = strcspn(text, "{");
        n = text + n < last ? n : (size_t)(last - text);
        char *plain = must(calloc(n + 1, 1));
        memcpy(plain, text, n);
        add_linked(b, plain);
        free(plain);
        end = text + n;
        if (end == last)
            break;
        n = strcspn(end, "}");
        char *reason = NULL;
        if (answer(r, b, end + 1, n - 1, &reason) < 0 && !reason) {
            jf_text_add(b, "&hellip;");
            if (r->check)
                printf("nothing answers %.*s}\n", (int)n, end);
            open++;
        }
        if (*why)
            free(reason);
        else
            *why = reason;
        end += n + (end[n] == '}');
    }
    return open;
}

/* The next full stop with a blank behind it, outside of formulas; or NULL. */
static const char *sentence_end(const char *text)
{
    int formula = 0;
    for (; *text; text++) {
        formula ^= *text == '$';
        if (!formula && text[0] == '.' && text[1] == ' ')
            return text;
    }
    return NULL;
}

size_t fill_in(report *r, jf_text *b, const char *text)
{
    size_t open = 0;
    for (const char *last; *text; text = last) {
        jf_text sentence = {0};
        char *why = NULL;
        const char *stop = sentence_end(text);
        last = stop ? stop + 2 : text + strlen(text);
        open += fill_sentence(r, &sentence, text, last, &why);
        if (why) {
            jf_text_add(b, "Not run: ");
            escape(b, why);
            jf_text_add(b, ".%s", stop ? " " : "");
        } else {
            jf_text_add(b, "%s", sentence.data);
        }
        free(why);
        free(sentence.data);
    }
    r->open += open;
    return open;
}
