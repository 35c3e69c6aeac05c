# lipschitz-grid.gp -- Where round trips in float fail: distance between $x$
# and $f^-1(f(x))$ on $[-8, 8]^2$ for four flows of 100 blocks trained on the
# checkerboard, which fills the square $|x| <= 4$ (outlined).
width = 1180; height = 330
load 'plots/style.gp'

file = out.'/lipschitz-grid-single.csv'
flows = '"residual" "affine sigmoid" "affine (0.5 1)" "ours"'
is(k) = stringcolumn('flow') eq word(flows, k)
set datafile missing NaN
set multiplot
set logscale cb
set cbrange [1e-7:1e-1]
set format cb '10^{%T}'
set xrange [-8:8]
set yrange [-8:8]
set xlabel 'x_1'
set ylabel 'x_2' offset 1
set xtics -8, 4
set ytics -8, 4
set tmargin at screen 0.9
set bmargin at screen 0.19
set style fill solid 1 noborder
unset key
unset colorbox
set object 1 rectangle from -4, -4 to 4, 4 front fs empty border lc rgb '#ffffff' lw 1
# half the step of the grid
stats file using (is(1) ? column('x2') : NaN) nooutput
h = 8.0 / (sqrt(STATS_records) - 1)
do for [k = 1:4] {
    set lmargin at screen 0.05 + 0.22 * (k - 1)
    set rmargin at screen 0.05 + 0.22 * (k - 1) + 0.2
    if (k == 2) { unset ylabel; set format y '' }
    if (k == 4) { set colorbox user origin screen 0.915, screen 0.19 size screen 0.012, screen 0.71; set cblabel 'round-trip error' offset 1.2 }
    set label 1 word(flows, k) at graph 0.5, 1.06 center font ',12'
    plot file using (is(k) ? column('x1') : NaN):(column('x2')):(column('x1') - h):(column('x1') + h):(column('x2') - h):(column('x2') + h):(column('roundtrip_error') > 1e-7 ? column('roundtrip_error') : 1e-7) with boxxyerror lc palette
}
unset multiplot
