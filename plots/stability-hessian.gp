# stability-hessian.gp -- Curvature of the likelihood of linear flows at their
# optimum: eigenvalues of the Hessian measured by differences of gradients,
# against the prediction. Left: against each other, for Gaussian data of 1 to
# 16 dimensions and condition up to 1e4; dashed: equal. Right: the spectrum for
# 4 dimensions and condition 100 by index; dashed: predicted, $lambda_i +
# lambda_j$ and zeros (rotations of the latent) for the dense map.
width = 1000; height = 430
load 'plots/style.gp'

file = out.'/stability-hessian.csv'
shown = '"dense" "lower entries" "log scales" "relative gradient" "triangular (exp diagonal)" "deep linear (4)"'
# A zero is measured as up to 3e-8 of the largest eigenvalue.
drawn(x) = x > 1e-5 ? x : 1e-5
is(k) = stringcolumn('parameterisation') eq word(shown, k)
set multiplot layout 1, 2
set logscale xy
set format xy '10^{%T}'
set xrange [0.5:5e4]
set yrange [0.5:5e4]
set lmargin 10
set xlabel 'predicted eigenvalue of the Hessian'
set ylabel 'measured eigenvalue'
unset key
plot for [k = 1:6] file using (is(k) ? column('predicted') : NaN):'measured' \
         with points ls k, \
     x with lines ls theory
unset logscale x
set xrange [-0.6:15.6]
set format x '%g'
set xtics 0, 5
set xlabel 'index'
set ylabel 'eigenvalue of the Hessian'
set yrange [3e-6:1e3]
set ytics 1e-4, 100
set ytics add ('0' 1e-5)
set key left bottom at graph 0.03, graph 0.1 samplen 2 font ',11'
here(k) = is(k) && stringcolumn('data') eq 'gauss d=4 cond=100'
set datafile missing NaN # a row of another parameterisation breaks no line
plot for [k = 1:6] file using (here(k) ? column('index') : NaN):(drawn(column('predicted'))) \
         with lines ls theory, \
     for [k = 1:6] '' using (here(k) ? column('index') : NaN):(drawn(column('measured'))) \
         with points ls k title word(shown, k), \
     NaN with lines ls theory title 'predicted'
unset multiplot
