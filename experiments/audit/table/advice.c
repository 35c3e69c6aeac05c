/* advice.c -- what follows for training, in plain words.
 *
 * Each line names its claim and stands only where its condition holds on this
 * table; differences count when they exceed two standard errors, so that about
 * one line in forty may be chance.  What the values themselves forbid comes
 * first, and no line behind it says otherwise.
 * Writes    audit-advice.csv. */
#include "parts.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void advise(const audit *a, audit_tables *t, const char *claim,
                   const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* Lines of at most 72 characters behind the claim. */
static void print_wrapped(const char *claim, const char *text)
{
    int column = 0;
    printf("  %-7s", claim);
    for (const char *word = text; *word;) {
        int length = (int)strcspn(word, " ");
        if (column + length > 70) {
            printf("\n%9s", "");
            column = 0;
        }
        printf("%s%.*s", column ? " " : "", length, word);
        column += length + (column > 0);
        word += length + (word[length] == ' ');
    }
    printf("\n");
}

static void advise(const audit *a, audit_tables *t, const char *claim,
                   const char *format, ...)
{
    char text[640];
    va_list list;
    va_start(list, format);
    vsnprintf(text, sizeof text, format, list);
    va_end(list);
    if (a->loud)
        print_wrapped(claim, text);
    for (char *c = text; *c; c++) /* tables of results hold no commas */
        if (*c == ',')
            *c = ';';
    jf_table_row(t->of[AUDIT_ADVICE], t->point, "%s,%s,%s", a->name, claim,
                 text);
}

static void about_atoms(const audit *a, audit_tables *t)
{
    if (a->codes)
        advise(a, t, "C2.6",
               "A value far from all others may be a code for what is missing "
               "(%zu here): write NA for it and use --drop-missing, or leave "
               "the column out. What is said here is of the table with it.",
               a->codes);
    if (a->n_atoms > a->codes)
        advise(a, t, "C2.6",
               "A value that has a probability (%zu here) is in no density, "
               "and the likelihood of a flexible flow has no bound there. "
               "Leave the column out, or model first whether the value occurs "
               "and then the rows in which it does not.",
               a->n_atoms - a->codes);
}

static void about_rows(const audit *a, audit_tables *t)
{
    if (a->carrying)
        advise(a, t, "C2.9",
               "Look first at what is named above (%zu row%s): each alone "
               "moves the optimum by more than its standard error, and all "
               "numbers here rest on it.",
               a->carrying, a->carrying == 1 ? "" : "s");
}

static void about_tails(const audit *a, audit_tables *t)
{
    if (a->heavy)
        advise(
            a, t, "C6.11",
            "The second moment of %zu column%s does not settle: with ten "
            "times the rows EIG is about %.2g nats lower, and over a normal "
            "base the expected log-likelihood of new rows is minus infinity "
            "for any flow with Lipschitz bounds. Take a base with such "
            "tails (jacflow fit --base 'student(degrees=2)'), or logarithms or "
            "ranks.",
            a->heavy, a->heavy == 1 ? "" : "s", a->drift * log(10));
}

static void about_size(const audit *a, audit_tables *t)
{
    size_t n = a->raw.n, d = a->raw.d;
    double gap = jf_sample_gap(d, n, 1);
    if (!a->trainable) {
        advise(a, t, "C3.11",
               "%zu rows of %zu columns do not determine a covariance: the "
               "affine optimum is infinite on them and says nothing about new "
               "rows. Use probabilistic PCA with few components (C3.10), fewer "
               "columns, or more rows.",
               n, d);
        return;
    }
    if (a->n_atoms || a->carrying || a->heavy)
        return;
    advise(a, t, "C2.8",
           "An affine flow trained on all %zu rows loses %.3g nats between "
           "training and test if they are Gaussian, and the mean |z|^2 / d of "
           "new rows is %.4f: watch it. %s",
           n, gap, jf_sample_square(d, n) / (double)d,
           gap > 0.5 ? "That is much: regularise, or drop components."
                     : "That is little.");
}

/* Rows as they are, batch = 1 / max |x|^2. */
static void about_trained_bias(const audit *a, audit_tables *t, double batch)
{
    double most = 1 / sqrt(batch);
    if (a->m.d == 1)
        advise(
            a, t, "C7.7",
            "With a trained bias divide the table by max|x| = %.3g and keep "
            "the rate at most 0.5: from w > 0 and |b| <= w no batch brings w "
            "to 0. Otherwise there is no guarantee: clipped gradients bound "
            "the step, not the sign.",
            most);
    else
        advise(
            a, t, "C7.7",
            "With a trained bias divide the table by 2 max|x| = %.3g and "
            "keep the rate at most 0.6 (in its own units %.3g for W and 0.6 "
            "for b): from W orthogonal and b = 0 no batch brings det W to 0. "
            "Otherwise there is no guarantee: clipped gradients bound the "
            "step, not the sign.",
            2 * most, 0.15 * batch);
}

static void about_rates(const audit *a, audit_tables *t)
{
    const jf_table *rates = t->of[AUDIT_RATES];
    double rate[4], batch[4];
    if (jf_table_rows(rates, t->point) != 4)
        return;
    for (size_t k = 0; k < 4; k++) {
        rate[k] = jf_table_number(rates, t->point, k, "critical_rate");
        batch[k] = jf_table_number(rates, t->point, k, "batch_rate");
    }
    if (isnan(rate[0]))
        advise(a, t, "C7.2",
               "The critical learning rate of a linear map is %.3g for the "
               "standardised table and %.3g whitened; of the table as it is "
               "it is not computed, for so many columns.",
               rate[2], rate[3]);
    else if (rate[2] > 1.5 * rate[0])
        advise(a, t, "C7.2",
               "Standardise first: the critical learning rate of a linear map "
               "rises from %.3g to %.3g; whitening gives %.3g, whatever the "
               "table.",
               rate[0], rate[2], rate[3]);
    else
        advise(a, t, "C7.2",
               "The critical learning rate of a linear map is %.3g as the "
               "table is and %.3g whitened.",
               rate[0], rate[3]);
    advise(
        a, t, "C7.7",
        "With mini-batches centre the table and drop the bias of a linear "
        "map, which costs nothing: below a rate of %.3g (standardised: %.3g) "
        "no batch brings det W to 0.",
        batch[1], batch[2]);
    about_trained_bias(a, t, batch[0]);
}

static void about_bias(const audit *a, audit_tables *t)
{
    double cost = a->trainable ? jf_bias_cost(&a->raw) : 0;
    if (cost > 0.01)
        advise(a, t, "C3.2",
               "Keep a bias, or centre the table: without it an affine flow "
               "loses %.4g nats.",
               cost);
}

static void about_components(const audit *a, audit_tables *t)
{
    size_t d = a->m.d;
    if (!a->trainable || d < 2)
        return;
    if (a->q == 0)
        advise(a, t, "C3.10",
               "Standardised, the columns are uncorrelated within the error on "
               "new rows: scales alone do, mixing buys nothing by the "
               "covariance.");
    else if (a->q + 1 < d)
        advise(a, t, "C3.10",
               "%zu of %zu components describe new rows as well as the full "
               "covariance, within the error: a low-rank linear layer with "
               "isotropic noise will do.",
               a->q, d);
    else
        advise(a, t, "C3.10",
               "All components carry information about new rows: do not drop "
               "any.");
}

static void about_values(const audit *a, audit_tables *t)
{
    if (a->tied)
        advise(
            a, t, "C2.7",
            "Values repeat in %zu of %zu columns: train with uniform noise "
            "as wide as the step, and cap the largest scale; otherwise the "
            "likelihood of a flexible flow has no bound (C2.6) and its value "
            "means nothing.",
            a->tied, a->x.cols);
}

static void about_repeats(const audit *a, audit_tables *t)
{
    if (a->repeats && a->tied < a->x.cols)
        advise(a, t, "C2.6",
               "%zu rows repeat earlier ones, entry by entry: a split puts "
               "copies of training rows among the test rows, whose likelihood "
               "then flatters. Remove them, or split by group.",
               a->repeats);
}

static void about_nonlinearity(const audit *a, audit_tables *t)
{
    double error =
        hypot(a->se_captured, a->sd_captured / sqrt((double)AUDIT_SEEDS));
    if (isnan(a->captured)) {
        if (a->trainable)
            advise(a, t, "C3.8",
                   "Too few rows to tell what a nonlinear flow would gain.");
        return;
    }
    if (a->n_atoms && a->captured > 2 * error)
        advise(a, t, "C2.6",
               "The %.3g nats that a small nonlinear flow gains on test rows "
               "are no gain: the more it contracts to the values that have a "
               "probability, the more it gains, without end.",
               a->captured);
    else if (a->captured > 2 * error)
        advise(a, t, "C3.8",
               "A nonlinear flow pays: a small one gains %.3g +- %.2g nats on "
               "test rows over the affine optimum; maps of single directions "
               "of the sphered table, %.3g +- %.2g. EIG is no ceiling here.",
               a->captured, error, a->marginal, a->se_marginal);
    else if (a->captured < -2 * error)
        advise(a, t, "C3.8",
               "A small nonlinear flow does worse than the affine one on test "
               "rows (%.3g +- %.2g nats): too few rows for it, or no structure "
               "beyond the covariance. Start from the affine flow.",
               a->captured, error);
    else
        advise(a, t, "C3.8",
               "A small nonlinear flow gains nothing beyond the error (%.3g "
               "+- %.2g nats): start from the affine flow.",
               a->captured, error);
    if (a->captured <= 2 * error && a->marginal > 2 * a->se_marginal)
        advise(a, t, "C3.8",
               "Maps of single directions of the sphered table do gain, %.3g "
               "+- %.2g nats: try them (few parameters) before couplings.",
               a->marginal, a->se_marginal);
}

static void about_modes(const audit *a, audit_tables *t)
{
    if (a->codes || a->heavy || a->carrying)
        return;
    if (a->least_inverse > 1.05)
        advise(
            a, t, "C6.6",
            "The table has a gap (%.0f %% of the rows on one side): every "
            "exact flow of the whitened data has an inverse of Lipschitz "
            "constant at least %.3g somewhere. Do not chase it: fix a budget "
            "and accept the loss that C6.6 bounds, or use a mixture as "
            "latent.",
            100 * fmin(a->modes_share, 1 - a->modes_share), a->least_inverse);
    else if (a->trainable)
        advise(a, t, "C6.6",
               "No gap between modes is proved by these rows: a budget on the "
               "inverse near that of the whitening, %.3g in the units of the "
               "table, need not cost likelihood.",
               sqrt(a->raw.lambda_sigma[0]));
}

void audit_advise(audit *a, audit_tables *t)
{
    if (a->loud)
        printf("Advice\n");
    about_atoms(a, t);
    about_rows(a, t);
    about_tails(a, t);
    about_values(a, t);
    about_repeats(a, t);
    about_size(a, t);
    about_bias(a, t);
    about_rates(a, t);
    about_components(a, t);
    about_nonlinearity(a, t);
    about_modes(a, t);
}
