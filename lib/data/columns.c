/* columns.c -- which columns a list such as "1-3,5,age" names. */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "data/read.h"

/* How many columns are called so, and the first of them. */
static size_t called(const char *name, size_t length, char *const *names,
                     size_t d, size_t *first)
{
    size_t count = 0;
    for (size_t j = 0; names && j < d; j++)
        if (strlen(names[j]) == length && memcmp(names[j], name, length) == 0 &&
            count++ == 0)
            *first = j;
    return count;
}

/* "2-5" or "7", by number from 1. */
static int by_number(const char *part, size_t d, size_t *first, size_t *last)
{
    char *end;
    if (*part < '0' || *part > '9')
        return 0;
    *first = strtoul(part, &end, 10);
    *last = *first;
    if (*end == '-' && end[1] >= '0' && end[1] <= '9')
        *last = strtoul(end + 1, &end, 10);
    return *end == '\0' && *first >= 1 && *first <= *last && *last <= d &&
           (*first)--;
}

/* "a-c" from a name to a name. */
static int by_names(const char *part, char *const *names, size_t d,
                    size_t *first, size_t *last)
{
    for (const char *dash = strchr(part, '-'); dash;
         dash = strchr(dash + 1, '-'))
        if (called(part, (size_t)(dash - part), names, d, first) == 1 &&
            called(dash + 1, strlen(dash + 1), names, d, last) == 1 &&
            *first <= *last) {
            ++*last;
            return 1;
        }
    return 0;
}

static int pick(const char *path, const char *part, char *const *names,
                size_t d, size_t *first, size_t *last)
{
    size_t count = called(part, strlen(part), names, d, first);
    if (count > 1)
        return jf_refuse(path, 0,
                         "--columns '%s' found, which %zu columns are called; "
                         "a number expected",
                         part, count);
    if (count == 1)
        *last = *first + 1;
    if (count == 1 || by_names(part, names, d, first, last) ||
        by_number(part, d, first, last))
        return GSL_SUCCESS;
    return jf_refuse(path, 0,
                     "--columns '%s' found, columns within 1-%zu%s expected",
                     part, d, names ? " or names of the first line" : "");
}

static int pick_all(const char *path, char *list, char *const *names, size_t d,
                    size_t **index, size_t *count)
{
    size_t first = 0, last = 0;
    char *rest = NULL;
    for (char *part = strtok_r(list, ",", &rest); part;
         part = strtok_r(NULL, ",", &rest)) {
        JF_TRY(pick(path, part, names, d, &first, &last));
        size_t *more = jf_resize(*index, *count + last - first, sizeof *more);
        JF_TRY_MEMORY(more);
        *index = more;
        while (first < last)
            more[(*count)++] = first++;
    }
    return *count ? GSL_SUCCESS
                  : jf_refuse(path, 0, "--columns names no column");
}

int jf_columns_find(const char *path, const char *list, char *const *names,
                    size_t d, size_t **index, size_t *count)
{
    char *copy = jf_copy_text(list, strlen(list));
    *index = NULL;
    *count = 0;
    JF_TRY_MEMORY(copy);
    int status = pick_all(path, copy, names, d, index, count);
    free(copy);
    if (status != GSL_SUCCESS) {
        free(*index);
        *index = NULL;
    }
    return status;
}

/* out := count columns of data. */
static int copy_columns(const jf_dataset *data, const size_t *index,
                        size_t count, jf_dataset *out)
{
    JF_TRY_MEMORY((out->x = jf_matrix_new(data->x.rows, count)).data);
    if (data->columns)
        JF_TRY_MEMORY(out->columns = jf_alloc(count, sizeof *out->columns));
    for (size_t k = 0; k < count; k++) {
        for (size_t i = 0; i < data->x.rows; i++)
            jf_row(out->x, i)[k] = jf_row(data->x, i)[index[k]];
        if (data->columns) {
            const char *name = data->columns[index[k]];
            JF_TRY_MEMORY(out->columns[k] = jf_copy_text(name, strlen(name)));
        }
    }
    return GSL_SUCCESS;
}

int jf_columns_choose(const char *path, const char *list, jf_dataset *data)
{
    size_t *index, count;
    jf_dataset chosen = {0};
    JF_TRY(jf_columns_find(path, list, data->columns, data->x.cols, &index,
                           &count));
    int status = copy_columns(data, index, count, &chosen);
    if (status == GSL_SUCCESS) {
        jf_dataset all = *data;
        memcpy(chosen.name, all.name, sizeof all.name);
        chosen.notes = all.notes; /* and no longer whole pictures */
        all.notes = (jf_text){0};
        *data = chosen;
        chosen = all;
    }
    jf_data_free(&chosen);
    free(index);
    return status;
}

int jf_columns_list(const unsigned char *wanted, size_t d, jf_text *list)
{
    for (size_t j = 0, last; j < d; j = last) {
        last = j + 1;
        if (!wanted[j])
            continue;
        while (last < d && wanted[last])
            last++;
        JF_TRY(jf_text_add(list, "%s%zu", list->length ? "," : "", j + 1));
        if (last > j + 1)
            JF_TRY(jf_text_add(list, "-%zu", last));
    }
    return GSL_SUCCESS;
}
