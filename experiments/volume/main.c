/* volume/main.c -- does log|det J| measure volume, and what does maximum
 * likelihood maximise?
 *
 * Question  Is |det J| the local change of volume, and to which order (C4)? Is
 *           it true that training maximises it (C5)?
 * Method    The parts, one file each: order.c compares volumes of images of
 *           balls, from values of the map alone (measure.c), with the
 *           determinant, for maps in closed form (maps.c) and trained flows;
 *           points.c has single numbers; path.c the gradient flow in closed
 *           form; scores.c how likelihood and latent radius rank; training.c
 *           training runs against the ceiling.
 * Writes    volume-{order,points,path,scores,ranks,training,monotone,
 *           identities}.csv, verdicts/volume.csv. */
#include "volume.h"

static const char about[] =
    "Does log|det J| measure volume, and what does maximum likelihood "
    "maximise?\n"
    "Images of small balls, and E log|det J| along training.\n"
    "With --data: linear flows trained on that table, against their ceiling.";

int main(int argc, char **argv)
{
    experiment e = experiment_open(argc, argv, about);
    if (!e.args.data) {
        run_checks(&e, "volume-points", 1, &list_volume);
        volume_path(&e);
        volume_order(&e);
        volume_scores(&e);
    }
    volume_training(&e);
    return experiment_close(&e);
}
