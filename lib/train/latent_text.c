/* latent_text.c -- laws of z as text, and from it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/scan.h"
#include "io/output.h"
#include "train/latent.h"

static int add_list(jf_text *text, const char *key, size_t n,
                    const double *list)
{
    JF_TRY(jf_text_add(text, "%s=", key));
    for (size_t i = 0; i < n; i++)
        JF_TRY(jf_text_add(text, i ? " %.17g" : "%.17g", list[i]));
    return GSL_SUCCESS;
}

static int describe_mixture(const jf_latent *q, size_t d, jf_text *text)
{
    size_t n = q->components;
    JF_TRY(jf_text_add(text, "mixture("));
    JF_TRY(add_list(text, "weight", n, q->weight));
    JF_TRY(add_list(text, ", mean", n * d, q->mean));
    JF_TRY(add_list(text, ", sd", n, q->sd));
    return jf_text_add(text, ")");
}

static int describe(const jf_latent *q, size_t d, jf_text *text)
{
    if (strcmp(q->name, "mixture") == 0)
        return describe_mixture(q, d, text);
    if (strcmp(q->name, "uniform") == 0)
        return jf_text_add(text, "uniform(a=%.17g, b=%.17g)", q->a, q->b);
    if (strcmp(q->name, "student") == 0)
        return jf_text_add(text, "student(degrees=%.17g)", q->a);
    return jf_text_add(text, "%s()", q->name);
}

char *jf_latent_describe(const jf_latent *q, size_t d)
{
    jf_text text = {0};
    if (describe(q, d, &text) == GSL_SUCCESS)
        return text.data;
    free(text.data);
    return NULL;
}

static jf_latent normal(const jf_value *v)
{
    (void)v;
    return jf_normal();
}

static jf_latent logistic(const jf_value *v)
{
    (void)v;
    return jf_logistic();
}

static jf_latent uniform(const jf_value *v)
{
    return jf_uniform(v[0].number, v[1].number);
}

static jf_latent student(const jf_value *v)
{
    return jf_student(v[0].number);
}

static jf_latent mixture(const jf_value *v)
{
    return jf_mixture(v[0].n, v[0].list, v[1].list, v[2].list);
}

static const struct {
    const char *name;
    jf_latent (*make)(const jf_value *v);
    jf_key keys[JF_KEYS];
} laws[] = {
    {"normal", normal, {{0}}},
    {"uniform",
     uniform,
     {{"a", JF_NUMBER, 0, NULL}, {"b", JF_NUMBER, 0, NULL}}},
    {"logistic", logistic, {{0}}},
    {"student", student, {{"degrees", JF_NUMBER, 0, NULL}}},
    {"mixture",
     mixture,
     {{"weight", JF_NUMBERS, 0, NULL},
      {"mean", JF_NUMBERS, 0, NULL},
      {"sd", JF_NUMBERS, 0, NULL}}},
};
enum { LAWS = sizeof laws / sizeof *laws };

/* The lists of v in one block, which the values then point into. */
static int gather(jf_value *v, double **arrays)
{
    size_t total = v[0].n + v[1].n + v[2].n, at = 0;
    JF_TRY_MEMORY(*arrays = jf_alloc(total, sizeof **arrays));
    for (size_t i = 0; i < 3; i++) {
        memcpy(*arrays + at, v[i].list, v[i].n * sizeof **arrays);
        free(v[i].list);
        v[i].list = *arrays + at;
        at += v[i].n;
    }
    return GSL_SUCCESS;
}

/* The law whose arguments are v; a failure of its constructor is said in s. */
static void make(jf_scan *s, size_t law, jf_value *v, size_t d, jf_latent *q,
                 double **arrays)
{
    jf_error error = {0}, *before;
    if (v[0].list) {
        size_t n = v[0].n;
        if (v[1].n / d != n || v[1].n % d || v[2].n != n) {
            jf_scan_fail(s, s->text, "lists of n, n d and n numbers expected");
            return;
        }
        if (gather(v, arrays) != GSL_SUCCESS) {
            jf_scan_failed(s, s->text, jf_error_last());
            return;
        }
    }
    before = jf_error_divert(&error);
    *q = laws[law].make(v);
    jf_error_divert(before);
    if (error.code)
        jf_scan_failed(s, s->text, &error);
    for (size_t i = 0; *arrays && i < 3; i++)
        v[i].list = NULL; /* of *arrays */
}

int jf_latent_parse(const char *text, size_t d, jf_latent *q, double **arrays)
{
    jf_scan s = {.text = text, .at = text};
    jf_value v[JF_KEYS];
    char name[JF_NAME];
    size_t law = 0;

    *arrays = NULL;
    if (jf_scan_name(&s, "a law", name)) {
        while (law < LAWS && strcmp(laws[law].name, name) != 0)
            law++;
        if (law == LAWS)
            jf_scan_expected(&s, text, "a law");
        else if (jf_scan_arguments(&s, laws[law].keys, v) && jf_scan_end(&s))
            make(&s, law, v, d, q, arrays);
        if (law < LAWS)
            jf_values_clear(v);
    }
    if (!s.code)
        return GSL_SUCCESS;
    free(*arrays);
    *arrays = NULL;
    JF_ERROR(s.message, s.code);
}
