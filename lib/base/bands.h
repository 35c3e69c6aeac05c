/* bands.h -- one image over ranks: each works on rows of its own.
 *
 * In a pass over one image that ranks share (work->bands) an image of pixels
 * at some resolution, at least JF_BAND_PIXELS of them, is cut into
 * JF_MAX_LANES bands of rows, and a rank works on those of its lanes (ranks.h).
 * Arrays are of the whole image everywhere, but a rank touches what it works on
 * and what it is sent, and memory that nothing touches is not there.  A smaller
 * image is whole in every rank, and all do the same.  Sums are gathered by
 * lane, or row, and added by each rank in the order of one process: same bytes
 * for any number of ranks.
 *
 * The calls do nothing, at no cost, where the image is whole: pixels = 0, too
 * few, or a pass of one process.  All ranks make the same calls; ints are GSL
 * codes, the same in all. */
#ifndef JF_BANDS_H
#define JF_BANDS_H

#include "base/team.h"

enum { JF_BAND_PIXELS = 1 << 16 };

/* Whether an image of so many pixels is in bands in this pass. */
int jf_in_bands(const jf_work *work, size_t pixels);

/* Of n things in bands those of this rank, first .. last - 1. */
void jf_bands_own(const jf_work *work, size_t pixels, size_t n, size_t *first,
                  size_t *last);

/* jf_divide, n a multiple of JF_MAX_LANES; in bands there are so many lanes,
 * whatever lanes says, and a rank works its own. */
int jf_bands_divide(jf_work *work, size_t pixels, size_t n, size_t lanes,
                    jf_lane_task task, void *arg);

/* n things of size bytes in bands: data := all. */
int jf_bands_gather(jf_work *work, size_t pixels, size_t n, size_t size,
                    void *data);

/* Rows of count parts of size reals, the parts stride apart, the rows count
 * stride. */
typedef struct {
    real *data;
    size_t rows, count, size, stride;
} jf_band_rows;

/* The rows of others up to gap from one's own come into their places. */
int jf_bands_halo(jf_work *work, size_t pixels, jf_band_rows rows, size_t gap);

/* data (rows, planes, cols): who had own rows has own columns, of all rows; or
 * back. */
int jf_bands_turn(jf_work *work, size_t pixels, size_t rows, size_t planes,
                  size_t cols, real *data, int back);

#endif
