/* bands.h -- one image over ranks: each works on rows of its own.
 *
 * In a pass over one image that ranks share (work->bands) an image of pixels
 * at some resolution is cut into bands of rows: jf_bands_count of them, as many
 * as one process has lanes there, so that sums stay what they are.  A rank has a
 * contiguous part of the bands (ranks.h), perhaps none.  Arrays are of the whole
 * image everywhere, but a rank touches what it works on and what it is sent, and
 * memory that nothing touches is not there.  An image of one band is whole in
 * every rank, and all do the same; so does a layer whose lanes are not as many
 * as bands, or a multiple, after the others' rows have been sent to all.  Sums
 * are gathered by lane, or row, and added by each rank in the order of one
 * process: same bytes for any number of ranks.
 *
 * The calls do nothing, at no cost, where the image is whole: pixels = 0, too
 * few, or a pass of one process.  All ranks make the same calls; ints are GSL
 * codes, the same in all, of one process those of its lanes too. */
#ifndef JF_BANDS_H
#define JF_BANDS_H

#include "base/team.h"

/* Of a pass: whose, and the first failure of a lane of this rank.  The pass goes
 * on with what is there, as the others wait for this rank; all fail at its
 * end. */
typedef struct jf_bands {
    const jf_ranks *ranks;
    int status;
    jf_error error;
} jf_bands;

/* The end of a pass of that status, which all ranks have alike: its own, or
 * that of the first rank with a lane that failed. */
int jf_bands_end(jf_bands *bands, int status);

/* Images of so many pixels have JF_MAX_LANES bands. */
enum { JF_BAND_PIXELS = 1 << 16 };

/* Half as many from a quarter of the pixels on, and so on: the lanes of 16 rows
 * of a square. */
size_t jf_bands_count(size_t pixels);

/* Whether an image of so many pixels is in bands in this pass. */
int jf_in_bands(const jf_work *work, size_t pixels);

/* Of n things in bands those of this rank, first .. last - 1. */
void jf_bands_own(const jf_work *work, size_t pixels, size_t n, size_t *first,
                  size_t *last);

/* jf_divide, n a multiple of the bands; in bands a rank works its own lanes,
 * which are as many as bands where lanes is no multiple of these. */
int jf_bands_divide(jf_work *work, size_t pixels, size_t n, size_t lanes,
                    jf_lane_task task, void *arg);

/* n things of size bytes in bands: data := all. */
void jf_bands_gather(jf_work *work, size_t pixels, size_t n, size_t size,
                     void *data);

/* sum += n values in bands, one after the other. */
void jf_bands_sum(jf_work *work, size_t pixels, size_t n, const double *values,
                  double *sum);

/* In bands: sums (lanes, size), of a lane each: the first := their sum, one
 * added after the other; lanes are a multiple of bands. */
void jf_bands_add(jf_work *work, size_t pixels, size_t lanes, size_t size,
                  real *sums);

/* Rows of count parts of size reals, the parts stride apart, the rows count
 * stride. */
typedef struct {
    real *data;
    size_t rows, count, size, stride;
} jf_band_rows;

/* Of each part the rows of others up to gap from one's own come into their
 * places; all of them, to a rank without own rows too, where gap is the number
 * of rows. */
void jf_bands_halo(jf_work *work, size_t pixels, size_t count,
                   const jf_band_rows *parts, size_t gap);

/* n things of size reals in the bands of from pixels come to be in those of to
 * pixels. */
void jf_bands_move(jf_work *work, size_t from, size_t to, size_t n, size_t size,
                   real *data);

/* data (rows, planes, cols): who had own rows has own columns, of all rows; or
 * back. */
void jf_bands_turn(jf_work *work, size_t pixels, size_t rows, size_t planes,
                   size_t cols, real *data, int back);

#endif
