# lipschitz-inverse.gp -- Round-trip error against its first-order prediction,
# relative to $|x|$ for chains (left, a mark a draw), worst over the grid for
# trained flows (right; filled: where the data are, $|x| <= 4$; open: outside).
# Dashed: equal. Filled and open circles on the left: float and double.
width = 1000; height = 460
load 'plots/style.gp'

single = out.'/lipschitz-inverse-single.csv'
double = out.'/lipschitz-inverse.csv'
names = '"orthogonal" "condition 2" "condition 10" "condition 4 and back" "sine tau=1" "sine tau=10" "sine tau=100" "shift 1e6"'
flows = '"residual" "affine sigmoid" "affine (0.5 1)" "ours"'
is(k) = stringcolumn('flow') eq word(names, k)
of(k, r) = stringcolumn('flow') eq word(flows, k) && column('radius') == r
set datafile missing NaN
set multiplot layout 1, 2
set logscale xy
set format xy '10^{%T}'
set lmargin 10
set tmargin 2
set xlabel 'predicted error'
set ylabel 'measured error'
set xrange [1e-17:1e7]
set yrange [1e-17:10]
set key top left samplen 1 font ',10'
set label 1 'chains of eight layers' at graph 0.5, 1.03 center font ',12'
plot for [k = 1:8] single using (is(k) ? column('predicted_error') : NaN):'roundtrip_error' with points ls k ps 0.4 title word(names, k), \
     for [k = 1:8] double using (is(k) ? column('predicted_error') : NaN):'roundtrip_error' with points ls k ps 0.3, \
     x with lines ls theory
set label 1 'trained flows, 20 and 100 blocks'
set label 2 'double' at 1e-12, 3e-16 font ',11'
set label 3 'float' at 1e-4, 1e-7 font ',11'
unset ylabel
plot for [k = 1:4] single using (of(k, 4) ? column('predicted_error') : NaN):'roundtrip_error' with points ls k pt 7 ps 0.9 title word(flows, k), \
     for [k = 1:4] single using (of(k, 8) ? column('predicted_error') : NaN):'roundtrip_error' with points ls k pt 6 ps 0.9, \
     for [k = 1:4] double using (of(k, 4) ? column('predicted_error') : NaN):'roundtrip_error' with points ls k pt 7 ps 0.9, \
     for [k = 1:4] double using (of(k, 8) ? column('predicted_error') : NaN):'roundtrip_error' with points ls k pt 6 ps 0.9, \
     x with lines ls theory
unset multiplot
