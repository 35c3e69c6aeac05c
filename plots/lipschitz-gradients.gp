# lipschitz-gradients.gp -- When may backward rebuild activations in place of
# storing them? The drift of rebuilt activations, relative to the scale of each,
# against its first-order prediction (dashed: equal), in float (large) and
# double (small), for flows of up to 100 blocks, at their least favourable row.
width = 640; height = 430
load 'plots/style.gp'

single = out.'/lipschitz-gradients-single.csv'
double = out.'/lipschitz-gradients.csv'
flows = '"residual" "affine sigmoid" "affine (0.5 1)" "ours" "shrinking"'
of(k, c) = stringcolumn('flow') eq word(flows, k) ? column(c) : NaN
set datafile missing NaN
set logscale xy
set format xy '10^{%T}'
set xrange [1e-14:1e7]
set yrange [1e-16:10]
set xlabel 'predicted drift'
set ylabel 'measured drift'
set key bottom right
set label 1 'double' at 3e-12, 3e-16
set label 2 'float' at 3e-4, 3e-8
plot for [k = 1:5] single using (of(k, 'predicted_drift')):'drift' with points ls k ps 1.3 title word(flows, k), \
     for [k = 1:5] double using (of(k, 'predicted_drift')):'drift' with points ls k ps 0.8, \
     x with lines ls theory
