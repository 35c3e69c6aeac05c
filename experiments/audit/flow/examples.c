/* examples.c -- the example files: one flow, with each mistake planted.
 * They hold floats, as of most models. */
#include "examples.h"

#include <math.h>
#include <stdlib.h>

/* As PyTorch and NumPy write them: nan, inf, nine digits. */
static void write_number(jf_text *text, double v, const char *before)
{
    if (isnan(v))
        jf_text_add(text, "%snan", before);
    else
        jf_text_add(text, "%s%.9g", before, v);
}

static void write_table(jf_text *text, const mistake *m, const drawn *s)
{
    jf_text_add(text, "# %s; written by audit --examples\n", m->about);
    jf_text_add(text, "log_likelihood,log_abs_det");
    for (size_t j = 0; j < s->d; j++)
        jf_text_add(text, ",z%zu", j + 1);
    for (size_t j = 0; m->with_x && j < s->d; j++)
        jf_text_add(text, ",x%zu", j + 1);
    jf_text_add(text, "\n");
    for (size_t i = 0; i < s->n; i++) {
        write_number(text, s->ll[i], "");
        write_number(text, s->ld[i], ",");
        for (size_t j = 0; j < s->d; j++)
            write_number(text, s->z[i * s->d + j], ",");
        for (size_t j = 0; m->with_x && j < s->d; j++)
            write_number(text, s->x[i * s->d + j], ",");
        jf_text_add(text, "\n");
    }
}

/* One flow for all of them, but for those of images. */
void audit_examples(const char *folder, unsigned long seed)
{
    gsl_rng *rng = jf_stream_new();
    for (size_t k = 0; k < n_mistakes; k++) {
        const mistake *m = &mistakes[k];
        const shape sizes = {.n = m->with_x ? 240 : 160,
                             .d = m->pixels ? 2 * PIXELS : 4,
                             .mixing = 0.2,
                             .curvature =
                                 m->curvature > 0 ? m->curvature / 2 : 0.2,
                             .unit = 0.7};
        jf_text text = {0}, path = {0};
        drawn s;
        jf_stream_seek(rng, seed, PURPOSE_EXAMPLES, 0, 0);
        drawn_new(m, &sizes, seed, rng, &s);
        drawn_to_float(&s);
        write_table(&text, m, &s);
        jf_text_add(&path, "%s/%s.csv", folder, m->name);
        if (jf_output_write(path.data, text.data, text.length) != GSL_SUCCESS)
            jf_end(1);
        drawn_free(&s);
        free(text.data);
        free(path.data);
    }
    gsl_rng_free(rng);
}
