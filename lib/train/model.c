/* model.c -- a model's file is opened, and made from what it says. */
#include "train/model.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "layer/parse.h"
#include "train/objective.h"
#include "train/store.h"

enum { SECTIONS = 4 };

static jf_section units(const jf_model *m, const char *name, double *data)
{
    return (jf_section){
        .name = name, .type = JF_DOUBLES, .count = m->flow->d, .data = data};
}

int jf_flow_save(const char *path, const jf_model *m)
{
    char *base = jf_latent_describe(&m->base, m->flow->d);
    JF_TRY_MEMORY(base);
    double noise = m->noise;
    jf_section more[SECTIONS] = {
        {.name = "base", .type = JF_BYTES, strlen(base), base}};
    size_t n = 1;
    if (m->noise > 0)
        more[n++] = (jf_section){
            .name = "noise", .type = JF_DOUBLES, .count = 1, .data = &noise};
    if (m->mean) {
        more[n++] = units(m, "mean", m->mean);
        more[n++] = units(m, "scale", m->scale);
    }
    int status = jf_store_save(path, m->flow, m->theta, more, n);
    free(base);
    return status;
}

/* The refusal of a text of the file, unless there was no memory. */
static int refuse(const char *path, const char *what, const jf_error *error)
{
    return error->code == GSL_ENOMEM
               ? jf_error_raise(error)
               : jf_refuse(path, 0, "%s, %s", what, error->message);
}

/* The flow of the description, and room for its theta, once the file has as
 * many numbers. */
static int make_flow(const char *path, const jf_theta_file *file, jf_model *m)
{
    jf_error error = {0}, *before = jf_error_divert(&error);
    m->flow = jf_flow_parse(jf_theta_description(file));
    jf_error_divert(before);
    if (!m->flow)
        return refuse(path, "its description", &error);
    size_t count = jf_theta_count(file, "theta");
    if (count != m->flow->module.n_params)
        return jf_refuse(path, 0, "has %zu parameters, its flow takes %zu",
                         count, m->flow->module.n_params);
    JF_TRY_MEMORY(m->theta = jf_theta_new(m->flow));
    return GSL_SUCCESS;
}

static int make_base(const char *path, const jf_theta_file *file, jf_model *m)
{
    size_t length = jf_theta_count(file, "base");
    jf_error error = {0}, *before;
    m->base = jf_normal();
    if (length == 0)
        return GSL_SUCCESS;
    char *text = jf_alloc(length + 1, 1);
    JF_TRY_MEMORY(text);
    jf_section s = {
        .name = "base", .type = JF_BYTES, .count = length, .data = text};
    int status = jf_theta_take(file, &s, 1);
    before = jf_error_divert(&error);
    if (status == GSL_SUCCESS)
        jf_latent_parse(text, m->flow->d, &m->base, &m->arrays);
    jf_error_divert(before);
    free(text);
    return error.code ? refuse(path, "its base", &error) : status;
}

static int check_numbers(const char *path, const jf_model *m)
{
    for (size_t j = 0; m->mean && j < m->flow->d; j++)
        if (!isfinite(m->mean[j]) || !isfinite(m->scale[j]) ||
            !(m->scale[j] > 0))
            return jf_refuse(path, 0,
                             "column %zu has mean %g and scale %g, finite and "
                             "a positive scale expected",
                             j + 1, m->mean[j], m->scale[j]);
    for (size_t i = 0; i < m->flow->module.n_params; i++)
        if (!isfinite(m->theta[i]))
            return jf_refuse(path, 0,
                             "parameter %zu is %g, a finite number expected",
                             i + 1, (double)m->theta[i]);
    if (!(m->noise >= 0) || !isfinite(m->noise))
        return jf_refuse(path, 0, "noise %g, 0 or more expected", m->noise);
    return GSL_SUCCESS;
}

static int load(const char *path, const jf_theta_file *file, jf_model *m)
{
    JF_TRY(make_flow(path, file, m));
    JF_TRY(make_base(path, file, m));
    size_t d = m->flow->d;
    if (jf_theta_count(file, "mean") || jf_theta_count(file, "scale")) {
        JF_TRY_MEMORY(m->mean = jf_alloc(d, sizeof *m->mean));
        JF_TRY_MEMORY(m->scale = jf_alloc(d, sizeof *m->scale));
    }
    jf_section s[SECTIONS] = {
        {.name = "theta", .count = m->flow->module.n_params, .data = m->theta},
        {.name = "noise", JF_DOUBLES, 1, &m->noise, .optional = 1},
        units(m, "mean", m->mean),
        units(m, "scale", m->scale)};
    JF_TRY(jf_theta_take(file, s, m->mean ? SECTIONS : SECTIONS - 2));
    return check_numbers(path, m);
}

int jf_flow_load(const char *path, jf_model *m)
{
    jf_theta_file *file;
    *m = (jf_model){0};
    JF_TRY(jf_theta_open(path, &file));
    int status = load(path, file, m);
    jf_theta_close(file);
    if (status != GSL_SUCCESS) {
        jf_model_free(m);
        *m = (jf_model){0};
    }
    return status;
}

void jf_model_free(jf_model *m)
{
    jf_layer_free(m->flow);
    free(m->theta);
    free(m->mean);
    free(m->scale);
    free(m->arrays);
}

/* log |det du/dx| */
static double log_units(const jf_model *m)
{
    double sum = 0;
    for (size_t j = 0; m->mean && j < m->flow->d; j++)
        sum -= log(m->scale[j]);
    return sum;
}

void jf_model_units(const jf_model *m, jf_matrix x)
{
    for (size_t i = 0; m->mean && i < x.rows; i++)
        for (size_t j = 0; j < x.cols; j++) {
            real *v = &jf_row(x, i)[j];
            *v = (real)(((double)*v - m->mean[j]) / m->scale[j]);
        }
}

int jf_model_forward(const jf_model *m, jf_matrix x, double *log_abs_det,
                     double *log_p, jf_team *team)
{
    double own = log_units(m);
    double *ld = jf_alloc(x.rows, sizeof *ld);
    JF_TRY_MEMORY(ld);
    jf_model_units(m, x);
    int status = jf_forward(m->flow, m->theta, x, ld, team);
    if (status == GSL_SUCCESS && log_p)
        m->base.log_density(&m->base, jf_const(x), log_p, 0, (jf_matrix){0});
    for (size_t i = 0; status == GSL_SUCCESS && i < x.rows; i++) {
        if (log_p)
            log_p[i] += ld[i] + own;
        if (log_abs_det)
            log_abs_det[i] = ld[i] + own;
    }
    free(ld);
    return status;
}

int jf_model_sample(const jf_model *m, jf_matrix x, unsigned long seed,
                    jf_team *team)
{
    JF_TRY(jf_sample(m->flow, &m->base, m->theta, x, seed, team));
    for (size_t i = 0; m->mean && i < x.rows; i++)
        for (size_t j = 0; j < x.cols; j++) {
            real *v = &jf_row(x, i)[j];
            *v = (real)(m->mean[j] + m->scale[j] * (double)*v);
        }
    return GSL_SUCCESS;
}
