/* trained.c -- tables in, models in, tables out. */
#include "trained.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Grey pictures, as a flow of coloured ones of that size takes them. */
static void in_colour(jf_dataset *data, const jf_layer *own)
{
    size_t d = data->x.cols, n = data->x.rows;
    if (!own || data->channels != 1 || own->d != 3 * d)
        return;
    jf_matrix x = jf_matrix_new(n, 3 * d);
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < 3 * d; j++)
            jf_row(x, i)[j] = jf_row(data->x, i)[j / 3];
    jf_matrix_free(&data->x);
    data->x = x;
    data->channels = 3;
}

jf_dataset trained_table(const jf_args *args, const jf_layer *own)
{
    const jf_data_options options = {.columns = args->columns,
                                     .array = args->array,
                                     .size = args->size,
                                     .drop_missing = args->drop_missing,
                                     .one = own != NULL,
                                     .whole = own && own->d > 3};
    jf_dataset data;
    if (!args->data)
        jf_fail(2, "no --data found, a table expected; --data list names those "
                   "built in");
    if (strcmp(args->data, "list") == 0) {
        jf_data_list(stdout);
        exit(0);
    }
    if (jf_data_load(args->data, &options, args->seed, &data) != GSL_SUCCESS)
        exit(2);
    experiment_say(data.name, data.notes.data);
    in_colour(&data, own);
    return data;
}

size_t trained_side(size_t d, size_t *channels)
{
    for (*channels = 1; *channels <= 3; *channels += 2) {
        size_t side = (size_t)lround(sqrt((double)d / (double)*channels));
        if (side > 0 && *channels * side * side == d)
            return side;
    }
    return 0;
}

jf_model trained_model(const char *path)
{
    jf_model m;
    if (!path)
        jf_fail(2, "no --load found, a file that fit --save wrote expected");
    if (jf_flow_load(path, &m) != GSL_SUCCESS)
        exit(2);
    return m;
}

void trained_names(jf_text *names, char letter, size_t d)
{
    for (size_t j = 0; j < d; j++)
        jf_text_add(names, "%s%c%zu", names->length ? "," : "", letter, j + 1);
}

void trained_write(const char *path, const char *comment, const char *names,
                   size_t n, size_t columns, const double *table)
{
    jf_text text = {0};
    jf_text_add(&text, "# %s\n%s\n", comment, names);
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < columns; j++)
            jf_text_add(&text, "%.17g%c", table[i * columns + j],
                        j + 1 < columns ? ',' : '\n');
    if (jf_output_write(path, text.data, text.length) != GSL_SUCCESS)
        exit(1);
    free(text.data);
}
