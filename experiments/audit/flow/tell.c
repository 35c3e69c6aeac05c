/* tell.c -- how a mistake is told: what it is, where, and what to do. */
#include "mistakes.h"

#include <math.h>

const char *hypothesis_name(const hypothesis *h)
{
    return h ? h->name : "none";
}

const char *hypothesis_claim(const hypothesis *h)
{
    return h->claim;
}

/* With x: which of two columns that contradict each other is wrong. */
static const char *where(const flow_numbers *f, const audit_report *r)
{
    const flow_volume *v = &r->volume;
    double other = 0;
    if (v->why)
        return "which of the two columns is wrong cannot be seen without "
               "columns x1 .. xd";
    if (!r->volume_wrong)
        return "log_abs_det agrees with the change of volume seen in x and z: "
               "the mistake is in log_likelihood or z";
    for (size_t k = 0; k < v->centres; k++) {
        size_t i = v->row[k];
        other += (v->log_det[k] - (f->ll[i] - f->base[i])) / (double)v->centres;
    }
    return fabs(other) <= r->least_visible
               ? "log_likelihood agrees with the change of volume seen in x "
                 "and z: the mistake is in log_abs_det"
               : "neither column agrees with the change of volume seen in x "
                 "and z";
}

void hypothesis_say(const hypothesis *h, const flow_numbers *f,
                    const audit_report *r, jf_text *text)
{
    jf_text_add(text, h->says, r->parameter[0], r->parameter[1]);
    jf_text_add(text, ".\n");
    if (h->trace == RESIDUAL && h->base == 0 && !h->holds)
        jf_text_add(text, "Where: %s.\n", where(f, r));
    jf_text_add(text, "What to do: %s.\n", h->remedy);
    for (size_t k = 0; k < r->n_also; k++)
        jf_text_add(text, "%s%s",
                    k ? "; " : "It could also be: ", r->also[k]->name);
    if (r->n_also)
        jf_text_add(text, ".\n");
}
