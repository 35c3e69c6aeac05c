# lipschitz-grid.gp -- Where round trips in float fail: distance between x and
# f^-1(f(x)) on [-8, 8]^2 for four flows of 100 blocks trained on the
# checkerboard, which fills the square |x| <= 4 (outlined).
width = 1180; height = 340
load 'plots/style.gp'

file = out.'/lipschitz-grid-single.csv'
flows = '"residual" "affine sigmoid" "affine (0.5 1)" "ours"'
is(k) = stringcolumn('flow') eq word(flows, k)
set datafile missing NaN
set multiplot layout 1, 4
set logscale cb
set cbrange [1e-7:1e-1]
set format cb '10^{%T}'
set xrange [-8:8]
set yrange [-8:8]
set size ratio -1
set xlabel 'x_1'
set xtics -8, 4
set ytics -8, 4
set lmargin 4
set rmargin 1
unset key
unset colorbox
set object 1 rectangle from -4, -4 to 4, 4 front fs empty border lc rgb '#ffffff' lw 1
do for [k = 1:4] {
    if (k == 4) { set colorbox; set cblabel 'round-trip error'; set rmargin 8 }
    set label 1 word(flows, k) at graph 0.5, 1.05 center font ',12'
    plot file using (is(k) ? column('x1') : NaN):(column('x2')):(column('roundtrip_error') > 1e-7 ? column('roundtrip_error') : 1e-7) with points pt 5 ps 0.42 lc palette
}
unset multiplot
