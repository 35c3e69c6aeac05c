/* mistakes.c -- known mistakes, the traces that they leave and the words for
 * them.
 *
 * In each trace rows without a parameter stand before those with one, and those
 * before what holds of everything. */
#include "mistakes.h"

#include <math.h>

#define LOG_10 2.30258509299404568
#define LOG_256 5.54517744447956248
#define HALF_LOG_2PI (0.5 * JF_LOG_2PI)
#define BASE_MEANT                                                             \
    "if that base is meant its numbers may be right: audit z' = Phi^-1(F(z)) " \
    "in place of z, F its distribution function, with log_abs_det + sum log "  \
    "p_Z(z_j) - log N(z'_j)"
#define UNIT_REMEDY                                                            \
    "the slope of a leaky unit is a parameter of its own in the "              \
    "log-determinant, or has not the map's sign there: tie it to the map's"
#define ATOM_SAYS                                                              \
    "column z%g is %.9g at %g points: they are mapped to one value, and the "  \
    "map is not one-to-one there"
#define ATOM_REMEDY                                                            \
    "coordinates outside a box are set to a value or clipped at it, or a "     \
    "solver stops at its bound: let the map go on outside (linear tails)"

const hypothesis known_mistakes[MISTAKES] = {
    {"sign", "C1.1", RESIDUAL, .ld = -2,
     .says = "the log-determinant enters log_likelihood with the wrong sign",
     .remedy = "log p(x) = log p_Z(f(x)) + log|det df/dx| for f from data to "
               "latent; the determinant of the sampling direction has the "
               "opposite sign"},
    {"sign of likelihood", "C2.1", RESIDUAL, .ld = -2, .base = -2,
     .says = "log_likelihood is the negative log-likelihood",
     .remedy = "write minus the loss"},
    {"constant", "C1.1", RESIDUAL, .per_d = JF_LOG_2PI,
     .says = "(d/2) log 2 pi is added where it is to be subtracted",
     .remedy = "log N(z; 0, I) = -|z|^2/2 - (d/2) log 2 pi"},
    {"constant", "C1.1", RESIDUAL, .per_d = HALF_LOG_2PI,
     .says = "the constant -(d/2) log 2 pi of the base is missing",
     .remedy = "log N(z; 0, I) = -|z|^2/2 - (d/2) log 2 pi"},
    {"constant", "C1.1", RESIDUAL, .per_d = HALF_LOG_2PI,
     .constant = -HALF_LOG_2PI,
     .says = "(1/2) log 2 pi is subtracted once, not once a dimension",
     .remedy = "sum the constant over dimensions: (d/2) log 2 pi"},
    {"constant", "C1.1", RESIDUAL, .per_d = -HALF_LOG_2PI,
     .says = "(d/2) log 2 pi is subtracted twice",
     .remedy = "log N(z; 0, I) = -|z|^2/2 - (d/2) log 2 pi, once"},
    {"left out", "C1.1", RESIDUAL, .ld = -1,
     .says = "log_likelihood is log p_Z(z) alone, the log-determinant is not "
             "added",
     .remedy = "add log_abs_det"},
    {"base left out", "C1.1", RESIDUAL, .base = -1,
     .says = "log_likelihood is log_abs_det alone, as over a uniform base",
     .remedy = "add log p_Z(z), or audit with the base that you mean: here it "
               "is N(0, I)"},
    {"half", "C1.1", RESIDUAL, .ld = -0.5,
     .says = "log_likelihood holds half of log_abs_det",
     .remedy = "log|det W| is 1/2 log det(W'W): one of the two is halved "
               "twice, or a covariance stands where its root should"},
    {"half", "C1.1", RESIDUAL, .ld = 1,
     .says = "log_likelihood holds twice log_abs_det",
     .remedy = "log|det W| is 1/2 log det(W'W): one column has the "
               "determinant, the other that of a covariance"},
    {"bits", "C1.1", RESIDUAL, .ld = 1 / M_LN2 - 1,
     .says = "log_likelihood adds the log-determinant in bits (log2)",
     .remedy = "use the natural logarithm in both"},
    {"bits", "C1.1", RESIDUAL, .ld = M_LN2 - 1,
     .says = "log_abs_det is in bits (log2), log_likelihood in nats",
     .remedy = "multiply log_abs_det by log 2"},
    {"bits", "C1.1", RESIDUAL, .ld = 1 / M_LN2 - 1, .base = 1 / M_LN2 - 1,
     .says = "log_likelihood is in bits, log_abs_det in nats",
     .remedy = "multiply log_likelihood by log 2"},
    {"bits", "C1.1", RESIDUAL, .base = 1 / M_LN2 - 1,
     .says = "log_likelihood and log_abs_det are both in bits (log2); or "
             "log p_Z(z) alone is",
     .remedy = "multiply both by log 2, or log p_Z(z) alone: use the natural "
               "logarithm"},
    {"log10", "C1.1", RESIDUAL, .ld = 1 / LOG_10 - 1,
     .says = "log_likelihood adds a decimal logarithm of the determinant",
     .remedy = "use the natural logarithm"},
    {"log10", "C1.1", RESIDUAL, .ld = LOG_10 - 1,
     .says = "log_abs_det is a decimal logarithm",
     .remedy = "use the natural logarithm"},
    {"log10", "C1.1", RESIDUAL, .base = 1 / LOG_10 - 1,
     .says = "log_likelihood and log_abs_det are both decimal logarithms; or "
             "log p_Z(z) alone is one",
     .remedy = "use the natural logarithm"},
    {"mean over dimensions", "C1.1", RESIDUAL, .ld = -1, .ld_by_d = 1,
     .says = "log_likelihood adds the mean over dimensions of the log scales, "
             "log_abs_det is their sum",
     .remedy = "sum over dimensions, mean over rows only"},
    {"mean over dimensions", "C1.1", RESIDUAL, .ld = -1, .ld_d = 1,
     .says = "log_abs_det is a mean over dimensions, log_likelihood has the "
             "sum",
     .remedy = "sum over dimensions, mean over rows only"},
    {"mean over dimensions", "C1.1", RESIDUAL, .base = -1, .base_by_d = 1,
     .says = "log p_Z(z) is averaged over dimensions",
     .remedy = "sum log N(z_j; 0, 1) over j"},
    {"mean over dimensions", "C1.1", RESIDUAL, .ld = -1, .ld_by_d = 1,
     .base = -1, .base_by_d = 1,
     .says = "log_likelihood is per dimension, log_abs_det is not",
     .remedy = "multiply log_likelihood by d"},
    {"bits per dimension", "C7.1", RESIDUAL, .ld = -1, .ld_by_d = -1 / M_LN2,
     .base = -1, .base_by_d = -1 / M_LN2,
     .says = "log_likelihood is a loss in bits per dimension",
     .remedy = "multiply it by -d log 2"},
    {"bits per dimension", "C7.1", RESIDUAL, .ld = -1, .ld_by_d = 1 / M_LN2,
     .base = -1, .base_by_d = 1 / M_LN2,
     .says = "log_likelihood is in bits per dimension",
     .remedy = "multiply it by d log 2"},
    {"bits per dimension", "C7.1", RESIDUAL, .ld = -1, .ld_by_d = -1 / M_LN2,
     .base = -1, .base_by_d = -1 / M_LN2, .constant = 8,
     .says = "log_likelihood is a loss in bits per dimension of 256 levels, "
             "log_abs_det is for data divided by 256",
     .remedy = "subtract 8 and multiply by -d log 2"},
    {"bits per dimension", "C7.1", RESIDUAL, .ld = -1, .ld_by_d = 1 / M_LN2,
     .base = -1, .base_by_d = 1 / M_LN2, .constant = -8,
     .says = "log_likelihood is in bits per dimension of 256 levels, "
             "log_abs_det is for data divided by 256",
     .remedy = "add 8 and multiply by d log 2"},
    {"loss without constant", "C1.1", RESIDUAL, .ld = -2, .base = -2,
     .per_d = -HALF_LOG_2PI,
     .says = "log_likelihood is the loss |z|^2/2 - log_abs_det, without (d/2) "
             "log 2 pi",
     .remedy = "write minus the loss minus (d/2) log 2 pi"},
    {"loss without constant", "C1.1", RESIDUAL, .ld = -1, .ld_by_d = -1,
     .base = -1, .base_by_d = -1, .constant = -HALF_LOG_2PI,
     .says = "log_likelihood is the loss |z|^2/2 - log_abs_det per dimension, "
             "without its constant",
     .remedy = "multiply by -d and subtract (d/2) log 2 pi"},
    {"loss without constant", "C1.1", RESIDUAL, .ld = -1, .ld_by_d = 1,
     .base = -1, .base_by_d = 1, .constant = HALF_LOG_2PI,
     .says = "log_likelihood is log_abs_det - |z|^2/2 per dimension, without "
             "its constant",
     .remedy = "multiply by d and subtract (d/2) log 2 pi"},
    {"sign of likelihood", "C2.1", RESIDUAL, .ld = -1, .ld_by_d = -1,
     .base = -1, .base_by_d = -1,
     .says = "log_likelihood is the negative log-likelihood per dimension",
     .remedy = "multiply it by -d"},
    {"square", "C1.1", RESIDUAL, .half = -1,
     .says = "the base has |z|^2 where it should have |z|^2/2",
     .remedy = "log N(z; 0, I) = -|z|^2/2 - (d/2) log 2 pi"},
    {"square", "C1.1", RESIDUAL, .half = 2,
     .says = "|z|^2/2 enters the base with the wrong sign",
     .remedy = "log N(z; 0, I) = -|z|^2/2 - (d/2) log 2 pi"},
    {"scale of pixels", "C7.1", RESIDUAL, .per_d = -LOG_256,
     .says = "log_likelihood has the d log 256 of scaling pixels, log_abs_det "
             "has not",
     .remedy = "count the scaling of the data in both or in neither"},
    {"scale of pixels", "C7.1", RESIDUAL, .per_d = LOG_256,
     .says = "log_abs_det has the -d log 256 of scaling pixels, log_likelihood "
             "has not",
     .remedy = "count the scaling of the data in both or in neither"},
    {"base averaged over rows", "C2.1", RESIDUAL, .holds = base_of_batch,
     .says = "log_likelihood holds one log p_Z for all rows, the mean over the "
             "batch: a point's likelihood depends on the rows beside it",
     .remedy = "sum log p_Z(z) over dimensions only"},
    {"averaged over batch", "C2.1", RESIDUAL, .holds = ll_averaged,
     .says = "log_likelihood is one number for all rows: a mean (or sum) over "
             "the batch",
     .remedy = "write it before the reduction, a number a row"},
    {"log-det averaged", "C1.1", RESIDUAL, .holds = ld_averaged,
     .says = "log_abs_det is averaged over the batch, log_likelihood is not",
     .remedy = "sum log-determinants over dimensions only"},
    {"order of z", "C1.1", RESIDUAL, .holds = z_reordered,
     .says = "z is that of other rows: the same numbers in another order",
     .remedy = "a shuffling loader ran twice, or a batch was kept too long; "
               "write all columns in one pass"},
    {"order of log-det", "C1.1", RESIDUAL, .holds = ld_reordered,
     .says = "log_abs_det is that of other rows: the same numbers in another "
             "order",
     .remedy = "write all columns in one pass"},
    {"order of likelihood", "C1.1", RESIDUAL, .holds = ll_reordered,
     .says = "log_likelihood is that of other rows: the same numbers in "
             "another order",
     .remedy = "write all columns in one pass"},
    {"other batch", "C1.2", RESIDUAL, .holds = other_batch,
     .says = "z is that of another batch: its law is right, but it is not the "
             "z of these likelihoods",
     .remedy = "write z, log_abs_det and log_likelihood of the same call"},
    {"factor", "C3.6", RESIDUAL, .fit = fit_factor,
     .says = "log_likelihood holds %g times log_abs_det",
     .remedy = "a 1x1 convolution or actnorm counts height x width times in "
               "the log-determinant, once a pixel: one column forgot it"},
    {"base", "C1.2", RESIDUAL, .fit = fit_base,
     .says = "the base of log_likelihood has standard deviation %.6g, not 1",
     .remedy = "if you mean that base, divide z by it and subtract d log of it "
               "from log_abs_det; otherwise score with N(0, I)"},
    {"shift", "C1.1", RESIDUAL, .fit = fit_constant,
     .says = "log_likelihood is larger by the constant %.9g nats at all rows",
     .remedy = "a layer that does not depend on x (scaling of the data, "
               "actnorm, 1x1 convolution) is counted in one column and not in "
               "the other"},
    {"logistic base", "C1.2", RESIDUAL, .holds = base_logistic,
     .says = "the base of log_likelihood is the logistic law, not N(0, 1)",
     .remedy = BASE_MEANT},
    {"Laplace base", "C1.2", RESIDUAL, .holds = base_laplace,
     .says = "the base of log_likelihood is the law of Laplace, not N(0, 1)",
     .remedy = BASE_MEANT},
    {"Student base", "C1.2", RESIDUAL, .holds = base_student,
     .says = "the base of log_likelihood is Student's law of %.4g degrees of "
             "freedom, not N(0, 1)",
     .remedy = BASE_MEANT},
    {"diagonal base", "C1.2", RESIDUAL, .holds = base_diagonal,
     .says = "the base of log_likelihood is normal with a mean and a scale of "
             "its own for each column, means up to %.4g, scales up to %.4g",
     .remedy = "if it is learned and meant, write (z - mean) / scale for z and "
               "subtract sum log scale from log_abs_det; otherwise score with "
               "N(0, I)"},
    {"full base", "C1.2", RESIDUAL, .holds = base_full,
     .says = "the base of log_likelihood is normal with a full covariance",
     .remedy = "if it is learned and meant, write L^-1 (z - mean) for z, L L' "
               "its covariance, and subtract log det L from log_abs_det"},
    {"mixture base", "C1.2", RESIDUAL, .holds = base_mixture, .dear = 1,
     .says = "the base of log_likelihood is a mixture of %g normal laws, not "
             "N(0, I)",
     .remedy = "if that base is meant its numbers may be right, and what is "
               "asked of N(0, I) here is not to be asked: audit a design, "
               "whose volume is of no base"},
    {"two passes", "C6.3", RESIDUAL, .holds = small_everywhere,
     .says = "the columns differ by up to %.3g times their rounding, and in no "
             "pattern: no formula is wrong",
     .remedy = "they come from separate passes, or from arithmetic that is "
               "coarser than the numbers written; harmless if that is known"},
    {"noise", "C6.3", RESIDUAL, .holds = noise,
     .says = "the columns differ by noise of standard deviation %.3g without "
             "an offset",
     .remedy = "two passes with dropout, batch statistics, dequantisation "
               "noise or a stochastic log-determinant: use one pass, in "
               "evaluation mode"},
    {"unknown", "C1.1", RESIDUAL, .holds = always, .last = 1,
     .says = "the columns contradict each other in no way that is known here",
     .remedy = "print log p_Z(z), log_abs_det and their sum for one row, layer "
               "by layer"},

    {"noise", "C6.3", FUNCTION, .holds = ld_scatters,
     .says = "log_abs_det scatters about the change of volume by %.2g nats, "
             "like no function of x that is as smooth as z: it is a random "
             "estimate (of Hutchinson's kind), or dropout or noise is drawn at "
             "each call",
     .remedy = "average it over many probes, or write the exact "
               "log-determinant; two calls at the same x, or a design (audit "
               "--design), show the noise itself"},
    {"noise", "C6.3", FUNCTION, .holds = ld_differs,
     .says = "log_abs_det differs from call to call at equal x, z does not: it "
             "is a random estimate (of Hutchinson's kind)",
     .remedy = "average it over many probes, or write the exact "
               "log-determinant; a likelihood of such numbers has their noise"},
    {"no function of x", "C1.1", FUNCTION, .holds = always, .last = 1,
     .says = "z differs at equal x: the answer is no function of x alone",
     .remedy =
         "statistics of the batch, dropout, a mask or noise drawn anew at "
         "each call: evaluation mode, and a fixed seed at construction; or the "
         "map is so ill-conditioned that rounding alone moves z"},

    {"not one-to-one", "C1.1", VOLUME, .holds = not_one_to_one,
     .says = "z does not move in some direction at %g of %g points: the map "
             "is not one-to-one there, whatever log_abs_det says",
     .remedy = "coordinates outside a box are clipped, or a unit is saturated: "
               "let the map go on outside (linear tails)"},
    {"atom", "C1.1", VOLUME, .holds = z_has_atom, .says = ATOM_SAYS,
     .remedy = ATOM_REMEDY},
    {"left out", "C4.1", VOLUME, .holds = ld_is_zero,
     .says = "log_abs_det is 0, but the map changes volume",
     .remedy = "add up the log-determinants of the layers"},
    {"sign", "C4.1", VOLUME, .ld = -2,
     .says = "log_abs_det has the wrong sign, in both columns",
     .remedy = "log p(x) needs log|det df/dx| for f from data to latent; the "
               "determinant of the sampling direction has the opposite sign"},
    {"half", "C4.1", VOLUME, .ld = 1,
     .says = "log_abs_det is half of the change of volume, in both columns",
     .remedy = "a square root is taken twice: log|det W| = 1/2 log det(W'W)"},
    {"half", "C4.1", VOLUME, .ld = -0.5,
     .says = "log_abs_det is twice the change of volume, in both columns",
     .remedy = "a covariance stands where its root should: log|det W| = 1/2 "
               "log det(W'W)"},
    {"bits", "C4.1", VOLUME, .ld = M_LN2 - 1,
     .says = "log_abs_det is in bits (log2), in both columns",
     .remedy = "use the natural logarithm"},
    {"log10", "C4.1", VOLUME, .ld = LOG_10 - 1,
     .says = "log_abs_det is a decimal logarithm, in both columns",
     .remedy = "use the natural logarithm"},
    {"mean over dimensions", "C4.1", VOLUME, .ld = -1, .ld_d = 1,
     .says = "log_abs_det is a mean over dimensions, in both columns",
     .remedy = "sum over dimensions (if d is the number of pixels: a layer "
               "counts once a pixel)"},
    {"factor d", "C4.1", VOLUME, .ld = -1, .ld_by_d = 1,
     .says = "log_abs_det is d times the change of volume, in both columns",
     .remedy = "the log-determinant of a whole layer is summed once more over "
               "dimensions"},
    {"logit left out", "C7.1", VOLUME, .logit = -1,
     .says =
         "log_abs_det lacks that of the logit in front, - sum log x (1 - x)",
     .remedy = "add it"},
    {"logit reversed", "C7.1", VOLUME, .logit = -2,
     .says = "log_abs_det has that of the logit in front with the wrong sign",
     .remedy = "- sum log x (1 - x)"},
    {"scale of pixels", "C7.1", VOLUME, .per_d = -LOG_256,
     .says = "log_abs_det lacks the -d log 256 of scaling pixels, in both "
             "columns",
     .remedy = "subtract it, or write x as it enters the flow"},
    {"scale of pixels", "C7.1", VOLUME, .per_d = LOG_256,
     .says = "log_abs_det has the -d log 256 of scaling pixels, in both "
             "columns, but x is scaled already",
     .remedy = "count the scaling once"},
    {"lambda of the logit", "C7.1", VOLUME, .holds = lambda_forgotten,
     .says = "log_abs_det lacks d log(1 - 2 lambda), lambda = %g, of the "
             "scaling before the logit",
     .remedy = "add it"},
    {"log-det averaged", "C4.1", VOLUME, .holds = ld_averaged_in_both,
     .says = "log_abs_det is one number for all rows, in both columns; the "
             "change of volume is not",
     .remedy = "sum log-determinants over dimensions only, not over the batch"},
    {"log-det summed over rows", "C4.1", VOLUME, .holds = ld_one_in_both,
     .says = "log_abs_det is one number for all rows, in both columns, and not "
             "the mean of the change of volume: a sum over the batch",
     .remedy = "sum log-determinants over dimensions only, not over the batch"},
    {"scale counted once", "C4.1", VOLUME, .fit = fit_scale_once,
     .says = "log_abs_det lacks (d - 1) log s with s = %.6g: a scale of all "
             "columns is counted once, not d times",
     .remedy = "d log s, or sum the log of the scale after it is spread over "
               "the columns"},
    {"factor", "C3.6", VOLUME, .fit = fit_factor,
     .says = "the change of volume is %g times log_abs_det, in both columns",
     .remedy = "a 1x1 convolution or actnorm counts height x width times in "
               "the log-determinant, once a pixel"},
    {"epsilon", "C4.1", VOLUME, .fit = fit_epsilon,
     .says = "scale and log-determinant differ by an epsilon of about %.2g "
             "(if positive, z is multiplied by s + epsilon and log s added; if "
             "negative, the reverse)",
     .remedy = "take the logarithm of the very scale that multiplies"},
    {"epsilon", "C4.1", VOLUME, .fit = fit_small_constant,
     .says = "log_abs_det lacks the small constant %.4g nats at all rows, in "
             "both columns",
     .remedy = "does an actnorm multiply by s + epsilon and add log s (if "
               "positive; the reverse if negative)? take the logarithm of the "
               "very scale that multiplies"},
    {"shift", "C4.1", VOLUME, .fit = fit_constant,
     .says = "log_abs_det lacks the constant %.4g nats at all rows, in both "
             "columns",
     .remedy = "a layer that does not depend on x is miscounted: an actnorm or "
               "1x1 convolution without its factor height x width, or the "
               "scaling of the data left out"},
    {"scale counted once", "C4.1", VOLUME, .fit = fit_scale_once_or_other,
     .says = "log_abs_det lacks (d - 1) log s with s about %.4g",
     .remedy = "d log s"},
    {"slope where x < 0", "C4.1", VOLUME, .fit = fit_negative_x,
     .says = "the change of volume is log_abs_det and %.4g nats for each "
             "negative x_j: its slope there is not that of z",
     .remedy = UNIT_REMEDY},
    {"slope of a unit", "C4.1", VOLUME, .fit = fit_negative_z,
     .says = "the change of volume is log_abs_det and %.4g nats for each "
             "negative z_j: the slope of a last unit is not that of z there",
     .remedy = UNIT_REMEDY},
    {"slope of a unit", "C4.1", VOLUME, .fit = fit_negative_either,
     .says = "the change of volume is log_abs_det and %.4g nats for each "
             "negative x_j, or z_j, which these points do not tell apart: the "
             "slope of a unit in front of the flow, behind it or between is "
             "not that of z",
     .remedy = UNIT_REMEDY},
    {"slope of a unit", "C4.1", VOLUME, .holds = unit_slope, .last = 1,
     .says = "the change of volume is log_abs_det and a whole number of times "
             "%.4g nats, which number depends on the point: units of two "
             "slopes, of which one is not that of z",
     .remedy = UNIT_REMEDY},
    {"derivative of another map", "C4.1", VOLUME, .holds = other_map, .last = 1,
     .says = "log_abs_det goes with the change of volume (rank correlation "
             "%.3f) but is not it, by %.2g nats at half of the points: it is "
             "the derivative of another map than z (values from a coarse "
             "integral, an unfinished iteration, an interpolation), which "
             "automatic differentiation cannot see, or a small layer is wrong",
     .remedy =
         "take log_abs_det of the values as they are computed, or compute "
         "them as finely as the derivative; compare each layer with a "
         "finite difference of its own"},
    {"one layer", "C4.1", VOLUME, .holds = always, .last = 1,
     .says = "log_abs_det is off by a function of x that is none of those "
             "known here, neither of it nor of a constant: the "
             "log-determinant of one layer or more is wrong (its sign, a part "
             "of it) or, were it drawn at random, an estimate",
     .remedy =
         "compare each layer with a finite difference of its own, and two "
         "calls at the same x"},

    {"range", "C1.4", MASS, .holds = mass_lost,
     .says = "the density holds %.4g, not 1: z does not reach all of the base",
     .remedy = "the map is not onto (a bounded unit, a clipped input): let it "
               "go on outside"},
    {"mass", "C1.4", MASS, .holds = always, .last = 1,
     .says = "the density does not hold 1",
     .remedy = "log_likelihood is too large, or the map takes points twice"},

    {"x moved", "C6.3", BACK, .holds = x_moved,
     .says = "x and x_back differ by one constant a column, up to %.4g: the "
             "caller's rows were moved by the call and written after it",
     .remedy = "pass a copy, and write x from before the call"},
    {"x scaled", "C6.3", BACK, .holds = x_scaled,
     .says =
         "x_back is x but for a scale and a constant of each column, scales "
         "down to %.4g and up to %.4g: the caller's rows were changed by "
         "the call and written after it, or the inverse lacks a layer",
     .remedy = "pass a copy and write x from before the call; if that is not "
               "it, invert the scaling as well"},
    {"inverse at a bound", "C6.3", BACK, .holds = back_at_bound,
     .says =
         "x_back is %.6g or %.6g in each of the %g entries that do not come "
         "back: the inverse stops at the bounds of its search",
     .remedy = "widen the bracket until it holds the root; what is drawn there "
               "is no sample of the flow"},
    {"not one-to-one", "C1.1", BACK, .holds = some_rows_back,
     .says = "x_back is x but in %g rows, the first is row %g: the map is not "
             "one-to-one there",
     .remedy = "coordinates outside a box are clipped, or the inverse leaves "
               "its range"},
    {"sign of the inverse's log-det", "C1.1", BACK, .holds = back_with_sign,
     .says = "log_abs_det_back has the sign of forward's",
     .remedy = "the inverse's log-determinant is minus that of forward"},
    {"inverse's log-det in part", "C1.1", BACK, .holds = back_in_part,
     .says = "log_abs_det_back is minus log_abs_det but in %g rows, where they "
             "are off by up to %.4g nats",
     .remedy =
         "the inverse takes another branch there: look at the last bin of "
         "a spline, at the edge of its box and at the tails"},
    {"inverse's log-det at its input", "C1.1", BACK, .holds = back_at_input,
     .says =
         "log_abs_det_back is minus forward's at z in place of x, as far as "
         "a fit of it tells (correlation %.3g; with that at x %.3g)",
     .remedy = "take it at the output of the inverse, x"},
    {"inverse's log-det", "C1.1", BACK, .holds = back_of_log_det, .last = 1,
     .says = "log_abs_det_back is not minus log_abs_det",
     .remedy = "compare each layer's two log-determinants"},
    {"inverse", "C6.3", BACK, .holds = always, .last = 1,
     .says = "x_back is not x",
     .remedy = "more iterations or a bracket for the inverse; find the layer "
               "whose round trip is lost"},

    {"too small", "C3.8", GAUSSIAN, .holds = always, .last = 1,
     .says = "z is normal, but a Gaussian explains x better than "
             "log_likelihood does: log_abs_det is too small in mean, in both "
             "columns",
     .remedy = "a sign, a factor or a layer; more rows (or a flow less curved) "
               "would tell which by the volume"},

    {"atom", "C1.1", LAW, .holds = z_has_atom, .says = ATOM_SAYS,
     .remedy = ATOM_REMEDY},
    {"range", "C1.4", LAW, .holds = law_bounded,
     .says = "z never leaves (%.4g, %.4g): over this base the density holds "
             "%.4g, what lies there, not 1",
     .remedy = "the map is not onto (a bounded unit, a clipped input); or the "
               "base is another"},
    {"base", "C5.3", LAW, .holds = law_scaled,
     .says = "z is N(0, sd^2 I) with sd = %.4g: the flow was trained over a "
             "base of that standard deviation, or a last scale is missing",
     .remedy = "score with the base of training, or divide z by sd and "
               "subtract d log sd from log_abs_det"},
    {"mean", "C5.3", LAW, .holds = law_shifted,
     .says = "z is normal, but not centred",
     .remedy = "a bias is missing, or the data were centred in training and "
               "not here"},
    {"columns", "C5.3", LAW, .holds = law_columns,
     .says = "z is normal column by column, with other means and scales",
     .remedy = "a diagonal layer behind the flow would mend it: is the actnorm "
               "initialised, are the data scaled as in training?"},
    {"too wide", "C2.8", LAW, .holds = law_wide, .last = 1,
     .says = "z is wider than the base, E |z|^2 / d = %.4g, and not normal: "
             "the flow does not fit these rows",
     .remedy = "on held-out rows: overfitting, or other data than in training; "
               "on training rows: underfitting"},
    {"too narrow", "C2.1", LAW, .holds = law_narrow, .last = 1,
     .says = "z is not normal (E |z|^2 / d = %.4g): the flow does not fit "
             "these rows",
     .remedy = "train longer or with more layers; no formula is at fault as "
               "far as can be seen"},

    {"not finite", "C6.3", ROWS, .holds = ld_lost,
     .says =
         "log_abs_det is not finite in %g rows where z and x are, the first "
         "is row %g; what could be judged is sound",
     .remedy =
         "log of a scale that became 0 or of a negative number, or exp of "
         "an unbounded one, in the log-determinant alone: take log|det| "
         "of the very numbers that multiply"},
    {"not finite", "C6.3", ROWS, .holds = some_rows,
     .says = "%.3g%% of the rows are not finite, in a number, in |z|^2 or in a "
             "sum; the others are sound",
     .remedy = "exp of an unbounded log scale overflows, or log of a scale "
               "that became 0: clamp log scales on both sides"},
};
