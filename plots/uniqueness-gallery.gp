# uniqueness-gallery.gp -- The same target, the same likelihood: $log|det J|$
# of trained flows on the banana, first seed. Top: flows into the uniform base,
# which agree, since their determinant is the density. Bottom: flows into the
# normal base, which do not. Left: log-density of the target. One colour scale;
# blank where the density is below $e^-7$.
width = 1280; height = 430
load 'plots/style.gp'

file = out.'/uniqueness-field.csv'
flows = '"affine coupling" "spline coupling" "MAF 1-2" "triangular 1-2" "triangular 2-1" "Brenier" "residual" "twisted"'
bases = '"uniform" "normal"'
n = words(flows) + 1

set cbrange [-7:2]
set xrange [-4:4]
set yrange [-3:9]
unset key
unset border
unset tics
left = 0.055; right = 0.915; top = 0.88; bottom = 0.13
w = (right - left) / n; h = (top - bottom) / 2.0
shown(row, f) = stringcolumn('target') eq 'banana' && stringcolumn('base') eq word(bases, row) \
    && stringcolumn('flow') eq f && column('log_density') > -7 ? column('x1') : NaN

dx = 0.51 * 8 / 40.0; dy = 0.51 * 12 / 40.0 # half a cell, and no seams
set multiplot
do for [row = 1:2] {
    do for [k = 1:n] {
        set lmargin at screen left + (k - 1) * w + 0.004
        set rmargin at screen left + k * w - 0.004
        set tmargin at screen top - (row - 1) * h - 0.012
        set bmargin at screen top - row * h + 0.012
        set border 15 lw 0.4 lc rgb '#999999'
        if (row == 1) {
            set title (k == 1 ? 'log density' : word(flows, k - 1)) offset 0,-0.6 font ',12'
        } else { unset title }
        if (k == 1) {
            set ylabel word(bases, row).' base' offset 0.5,0
            set ytics -2,4,8 scale 0.4 font ',9' textcolor rgb 'black' offset 0.6,0
        } else { unset ylabel; unset ytics }
        if (row == 2) { set xtics -3,3,3 scale 0.4 font ',9' textcolor rgb 'black' offset 0,0.5; set xlabel 'x_1' offset 0,1.2 } else { unset xtics; unset xlabel }
        if (row == 2 && k == n) {
            set colorbox user origin 0.93,bottom + 0.02 size 0.013,top - bottom - 0.04
            set cblabel 'log |det J| [nats]' offset 0.5,0
            set cbtics 2 font ',10' textcolor rgb 'black'
        } else { unset colorbox }
        name_k = k == 1 ? word(flows, 1) : word(flows, k - 1)
        plot file using (shown(row, name_k)):'x2':(column('x1') - dx):(column('x1') + dx):(column('x2') - dy):(column('x2') + dy): \
                 (column(k == 1 ? 'log_density' : 'log_abs_det')) \
             with boxxyerror fs solid noborder fc palette
    }
}
unset multiplot
